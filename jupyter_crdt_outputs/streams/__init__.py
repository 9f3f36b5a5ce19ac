"""Long streams: written piece by piece while a cell runs, and read in any part."""

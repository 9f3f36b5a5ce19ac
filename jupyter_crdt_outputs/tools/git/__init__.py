"""What git does with notebooks whose outputs are elsewhere: filters, and text for its diffs."""

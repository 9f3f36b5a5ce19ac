"""What the server answers over HTTP and tells open pages."""

"""Commands that have cells run by a server, or ask what has been."""

"""Commands on a store and what is in it."""

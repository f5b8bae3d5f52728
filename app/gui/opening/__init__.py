"""How a source is chosen."""

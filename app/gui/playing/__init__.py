"""What plays, and what is kept of it."""

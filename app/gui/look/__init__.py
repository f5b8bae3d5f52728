"""Theme, icons and habits of the window."""

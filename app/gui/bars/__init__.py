"""The toolbar, the status bar and the notices."""

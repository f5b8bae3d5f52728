"""What make and people run, and is no part of the app."""

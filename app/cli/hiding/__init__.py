"""`main.py hide`."""

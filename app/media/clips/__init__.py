"""Clips of events, and the folder they are in."""

"""Hides people: where to cover, how, live and in files, and the proof of it."""

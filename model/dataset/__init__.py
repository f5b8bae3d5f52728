"""Labelled photos: what is known of them, how they are read, what is wrong."""

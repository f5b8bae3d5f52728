"""Cameras: which there are, what they can, how they are read."""

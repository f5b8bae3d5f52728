"""Weights from files people have: one reader a format, one way into the network."""

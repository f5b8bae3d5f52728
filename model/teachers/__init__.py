"""Bigger detectors, and what they label for a small one to learn."""

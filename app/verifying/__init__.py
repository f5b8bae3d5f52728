"""Tests of a scene: a clip with what was found in it, and what has changed since."""

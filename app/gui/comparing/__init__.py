"""Another detector beside the one that plays, and tests that are kept of a scene."""

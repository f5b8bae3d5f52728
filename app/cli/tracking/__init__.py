"""What comes after an export: tracks and counts from its sidecar alone."""

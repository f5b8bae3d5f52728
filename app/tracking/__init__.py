"""Who is who, and how many went by: tracks, lines and zones, events, counts."""

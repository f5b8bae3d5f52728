"""Lines and zones: drawn, counted, listed and checked in the window."""

"""The side panel, a section a file."""

"""The sound of a file that plays, in step with its picture."""

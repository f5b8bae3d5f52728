"""What each thread of a pipeline does: a class with `run`, which knows no threads."""

"""Many files, annotated: jobs, how they are run, drawing again."""

"""Export in the window: a queue of files, done in a process of its own."""

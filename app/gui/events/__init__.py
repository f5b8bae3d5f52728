"""Never miss it: the last seconds kept, events and their clips, who is told."""

"""What `main.py watch` adds for weeks: events, clips, alerts, a line of how it goes."""

"""Where pictures go: recorders, recovery, snapshots."""

"""The sound of what plays: when it is heard, how loud."""

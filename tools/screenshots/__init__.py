"""Pictures of the window in every state, of the real app."""

"""The languages of the window, as Qt Linguist's files: `make languages`."""

"""Everything that can be done, for the mouse: menus, the palette, and their dialogs."""

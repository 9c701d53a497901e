"""The `ancora` command: composes the whole. One file per command; the rest of the tree knows nothing of this room."""

"""Read models: rows folded from events by cursor, rebuilt beside the old ones, and equal to their replay by hash."""

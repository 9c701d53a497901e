"""What drives reporting besides the journal."""

"""The four services, the machinery they share (`_runtime`) and the command that composes them (`cli`)."""

"""How Ancora is put on machines: the embedded stack of one machine now, containers and clusters beside it."""

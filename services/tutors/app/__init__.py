"""What drives the deciders besides people: other services' events and time."""

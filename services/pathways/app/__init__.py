"""How the pathways service uses its decider: reactions to other services, and what time asks for."""

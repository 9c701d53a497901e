"""The pathways service's own lists, folded from its feed: pseudonyms and codes only."""

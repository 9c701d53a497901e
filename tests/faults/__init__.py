"""Nothing is lost, doubled or reordered, whatever dies: a whole Ancora behind our own proxies, its faults by seed, and an oracle."""

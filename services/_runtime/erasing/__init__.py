"""Erasing somebody's personal data: the process on the person's own stream, destruction in every service, what they acknowledge."""

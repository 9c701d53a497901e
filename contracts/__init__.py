"""What travels between services, and nothing else: events, their envelope, and what is personal in them.

Imports pydantic and the standard library only, so that a consumer outside the consortium could install it alone.
"""

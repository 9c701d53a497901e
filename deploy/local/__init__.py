"""The embedded stack: real Kafka, PostgreSQL and a development issuer on one machine, from packages alone.

Nothing here knows the services: it imports the standard library and third-party packages only, and only the command line imports it.
"""

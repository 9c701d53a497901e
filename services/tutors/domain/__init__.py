"""The tutors' rules: three aggregates as pure deciders, the commands they answer, and the contact policy as data."""

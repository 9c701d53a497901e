"""Running a service: its parts made once per process, and the kinds of work that a process does for it."""

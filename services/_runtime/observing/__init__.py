"""What operators see: structured logs, and the status of what runs."""

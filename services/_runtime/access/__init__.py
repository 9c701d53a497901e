"""Who may see and do what: policies in files that an auditor can read, and what decides by them."""

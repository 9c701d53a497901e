"""The gate that a contract passes: says in words which old event or old reader would not survive a change."""

"""Search: who is calling, and what has this number."""

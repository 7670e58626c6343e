"""API keys: making one that can do no more than its maker, and revoking it."""

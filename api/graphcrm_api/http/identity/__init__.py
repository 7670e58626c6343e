"""Who asks: keys, tokens, roles and scopes."""

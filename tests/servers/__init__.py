"""Real database servers that tests and developers start from packages alone."""

"""The named questions that are public, each an endpoint of its own."""

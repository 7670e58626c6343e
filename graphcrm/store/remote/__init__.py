"""A graph that others serve: read, and loaded into, over the HTTP API of their service."""

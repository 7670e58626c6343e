"""The embedded store: a graph in one SQLite file."""

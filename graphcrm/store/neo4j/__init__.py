"""The server store: a graph in a database of a Neo4j server."""

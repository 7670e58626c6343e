"""What lies around a node, and the ways between two."""

"""Customers, and every other node of the graph, one by one and as lists."""

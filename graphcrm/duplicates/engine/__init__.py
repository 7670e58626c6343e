"""The engine that finds records of one customer: block, compare, learn, cluster."""

"""Policies that nobody serves, and whom that concerns."""

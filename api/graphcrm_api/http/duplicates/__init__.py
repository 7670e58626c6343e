"""Customers with several records: found, explained, and searched before another one is entered."""

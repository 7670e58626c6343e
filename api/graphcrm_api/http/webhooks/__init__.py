"""Webhooks: telling other systems by HTTP what happened."""

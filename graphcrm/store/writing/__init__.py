"""Writing a load into a store: what is new, changed or gone, found the same way for every store.

`Keeper` is what a store does for it; the rest works in DuckDB tables and knows no store.
"""

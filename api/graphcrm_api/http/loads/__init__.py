"""Loads: started from the server's folders, databases or an upload, and what became of them."""

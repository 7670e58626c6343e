"""The ways in: the command line (`cli`), later the HTTP API and the web pages."""

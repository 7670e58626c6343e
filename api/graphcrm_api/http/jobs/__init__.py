"""Long work: what waits, runs and ended, the threads that do it, and who may start it."""

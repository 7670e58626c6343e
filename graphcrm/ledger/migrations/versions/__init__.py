"""One step each; once released, a step is never changed."""

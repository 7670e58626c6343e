"""Whether the service lives and can work, its measurements, and its problems explained."""

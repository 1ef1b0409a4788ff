"""measure: what a machine, or a job on it, can do a second, and whether that has changed."""

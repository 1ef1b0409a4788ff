"""peers: the same four jobs by everybody else, each in an environment of its own."""

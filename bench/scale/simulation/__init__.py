"""The real plan and executor before a cluster that is simulated: nodes, storage, Ray, and time."""

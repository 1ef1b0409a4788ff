"""Reliability: what the tests did to jobs, and what came of it; each figure is one of their own."""

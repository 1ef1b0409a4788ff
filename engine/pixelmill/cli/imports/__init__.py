"""Imports: one command for each dataset; what they have in common is in `asked`."""

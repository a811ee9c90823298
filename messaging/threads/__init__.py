"""Threads that people follow: by writing in one, by being named there, or by hand."""

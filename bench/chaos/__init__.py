"""Chaos: a set of servers and engines, what breaks them, and the proof that the clients noticed nothing of it."""

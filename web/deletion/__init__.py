"""Deleting a message: the question, which the script does not ask, since there one can undo it."""

"""Processes of the proof that what is planned is done once: one plans, others do what is due, one verifies."""

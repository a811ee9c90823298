"""The delivery check: clients that misbehave, what they saw, and the judge (`bench/check_delivery.py` runs it)."""

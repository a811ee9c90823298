"""Presence: who is online, away or offline, as those who share a group with them may know it.

Each process collects the users of its connections, shares them with the other processes over Redis (`exchange`), and
works out what is to change for everybody (`state`). The background task (`broadcaster`) does that every
PRESENCE_INTERVAL and publishes the changes to the clients of its own process. Nothing is stored, nothing waits for it,
and without Redis everybody stays as last known. Groups that are too large have no presence (`group_sizes`).
"""

"""Presence: whether a user is online, away or offline, published to the users who share a group with them.

Each process collects the users of its connections, shares them with the other processes over Redis (`exchange`), and
derives every user's presence (`user_presence`) and its changes (`state`). The background task (`broadcaster`) does that
every PRESENCE_INTERVAL and publishes the changes to the clients of its own process. Nothing is stored, nothing waits
for it, and without Redis users stay as last known. Groups that are too large have no presence (`group_sizes`).
"""

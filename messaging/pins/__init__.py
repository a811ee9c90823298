"""Messages that are pinned in a group, for all of its members to find; `messaging/proposals/pin.py` has the rules."""

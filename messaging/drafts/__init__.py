"""What a user has written and not sent yet, in a group or a thread: kept for all of their devices."""

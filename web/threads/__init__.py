"""A thread: a message with its replies, shown in the panel beside the group's page."""

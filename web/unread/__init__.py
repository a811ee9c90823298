"""The page of what is unread: groups and followed threads, each with what is unread first, and marking them as read."""

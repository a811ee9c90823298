"""What is unread equals what the log and the acts of its reader say, whatever happens in between."""

"""What one has planned: the page of messages to be sent and of reminders, and its forms."""

"""Messages that a user has saved for later; nobody else knows of it."""

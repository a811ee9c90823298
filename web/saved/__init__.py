"""The page of what the user has saved, and the form that saves a message for later, or no longer."""

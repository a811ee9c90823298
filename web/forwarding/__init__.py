"""The form, in a panel, that sends a message to another group."""

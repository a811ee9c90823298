"""What one sets of a group for oneself: the form in the panel of its members, and the star in its head."""

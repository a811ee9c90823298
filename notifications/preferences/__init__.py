"""What people set of how they are told: whether by push and by mail, and in which hours of the day not."""

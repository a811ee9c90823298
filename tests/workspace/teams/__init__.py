"""Teams: who makes them, who is in them, and what they are called."""

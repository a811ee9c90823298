"""A person's inbox: who has named them, replied in a thread that they follow, or reacted to what they wrote."""

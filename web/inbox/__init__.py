"""The inbox: who has named one, replied in a thread that one follows, or reacted."""

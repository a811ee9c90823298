"""Pictures of people: a square in a few sizes, one document each; a profile says which is its own."""

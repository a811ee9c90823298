"""A message quoted in the composer, ready to go on below."""

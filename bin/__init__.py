"""The commands of the checkout; their Python stands in bin/local."""

"""The commands of this checkout; their Python code is in bin/local."""

"""Groups as places that people find: the directory of public groups, joining, and what a group says of itself."""

"""The page of search: a box, what was found, and files that are called so."""

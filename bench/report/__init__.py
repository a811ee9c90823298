"""What people read of a benchmark: the page, its plots, and the table in the README."""

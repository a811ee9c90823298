"""The browsers that take pushes for somebody: each belongs to one person, and to the session that has added it."""

"""Blocking somebody: they cannot write to who has blocked them, nor put them into groups, and name them nowhere.

`services` block, and close the direct conversation of the two (`proposals`). `users.blocks` has who was blocked when;
whom a blocked person's words reach is decided by what follows the logs (docs/decisions/0048).
"""

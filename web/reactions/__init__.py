"""Reactions to a message: the emoji to choose from, the panel that offers them, the forms that add and remove one."""

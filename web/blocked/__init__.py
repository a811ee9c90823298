"""Whom one has blocked: the page that lists them, and the forms that block and unblock."""

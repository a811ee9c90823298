"""Signing in and out: a form for a name or a password, or Clerk's sign-in box."""

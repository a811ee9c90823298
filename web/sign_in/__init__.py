"""Signing in and out: the local issuer's form for a name, or Clerk's sign-in box."""

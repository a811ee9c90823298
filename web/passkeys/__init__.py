"""Passkeys in pages: signing in by one, and one's own. Browsers ask for them by a script alone."""

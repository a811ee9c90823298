"""Accounts of this server's own (`SIGN_IN=accounts`): invitations, passwords, second factors and sessions.

`account` is what services know of one, `models` maps the rows in the Users table; `links` makes and checks the tokens
of links, `totp` the codes of second factors, `hashing` the hashes of passwords, beside the event loop. `attempts`
bounds guessing. `access` loads the account of a caller. `services/` has the rules; session tokens are the local
issuer's, as `users` verifies and revokes them.
"""

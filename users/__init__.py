"""Who someone is: the Users table, session tokens, and the local issuer that signs them where Clerk does not.

`tokens` verifies a session token with a key set from `keys`; `local_issuer` issues tokens of the same shape. `revoked`
knows the sessions that ended before their tokens expired. `authentication` is DRF's, and `actor` the caller that it
hands to views and services. `models` is the Users table, `user_cache` the users that this process saw lately, `names`
the rules of names and ids. `services` sign in, sign out and rename; `selectors` read; `views` serve `/api/users`.
"""

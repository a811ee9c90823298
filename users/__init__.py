"""Users: their table, session tokens, and the local issuer that signs the tokens where Clerk does not.

`tokens` verifies a session token with a key set from `keys`; `local_issuer` issues tokens of the same shape. `revoked`
knows the sessions that ended before their tokens expired. `authentication` is DRF's, and `actor` the caller that it
passes to views and services. `models` is the Users table; `profiles` writes to it who somebody is, with the keys that
`name_search` finds people by: `folding` makes them of names. `handles` has each handle be one person's, `names` has the
rules of names and ids, `name_index` carries a former version's table over. `impersonations` records who acts in whose
place; `user_cache` has the recent users of this process. `updates` tells a user's own connections what was changed of
what is theirs (`events`), `profile_changes` whoever else sees a profile. `services` sign in, sign out and change
profiles; `selectors` read; `views` serve `/api/users`. `roles` has the roles of the workspace, `standings` writes them
and who may come in, `actors` makes the caller of a token's claims, `sight` knows whom a guest sees. `session_cookies`
finds the token among a browser's cookies; `clerk/` has what Clerk tells besides its tokens; `rows` is the base of
what others keep in the Users table.
"""

"""What Clerk tells besides its tokens: webhooks, and the Backend API where a token has no name.

`signature` verifies a webhook, `deliveries` knows those that were handled, `services` do what they say. `profile` reads
Clerk's users, `backend` asks for one, and `lookups` does that in the background for people whose names are missing.
`handshake` reads what a browser brings back from Clerk, where it went with an expired cookie.
"""

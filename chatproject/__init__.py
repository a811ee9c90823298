"""The wiring of the apps; nothing imports it.

`settings` and `urls` are Django's. `asgi` is the entry for the server: `body_limit` guards requests to Django,
`routing` maps paths to the endpoints for sockets, `lifespan` starts and stops what a process shares, `drain` announces
a shutdown to clients. `asyncapi/` describes the socket events, `views` is the index of the API.
"""

"""The other side of Web Push, for `bin/prove notifications` and the tests: `browser` has a subscription and decrypts
what it gets, `push_service` takes pushes on loopback.
"""

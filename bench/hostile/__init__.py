"""Hostile clients, for `bin/prove hostile` and on any server of one's own: `python -m bench.hostile`.

An attack is a coroutine that does one kind of harm for a moment; `__main__.py` repeats all of them until the time is
over. `strangers.py` has those that need no sign-in, `members.py` those of people who are signed in, over sockets and
over HTTP. `attacker.py` is who attacks, from an address of its own on loopback, and what the server answered.
"""

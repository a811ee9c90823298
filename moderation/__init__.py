"""Moderation: people report messages and people, administrators decide.

All that is reported of one thing is a *case*; what it was like is its *evidence*, whatever becomes of the thing. `rows`
maps what is stored, `models` has the queries; `services` report and decide, `deciding` does what was decided,
`selectors` read for administrators, `evidence` says what is kept and `sweeping` for how long. `notices/` are what
administrators tell a person. `telling` lets administrators know how many cases are open.
"""

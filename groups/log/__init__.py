"""The log of a group: one ordered list of entries, each a message or a change to one, to the group or to its members.

`entry` maps the table, `queries` reads it. To append, a service gives a `proposal` to the `appender`, which decides it
against the log's end (`state`), stores it (`writing`) and publishes what it stored. `pending` holds proposals that wait
for that; `earlier_sends` searches for the first try of a repeated send. `heads` finds where many logs end, by the hints
of `head_hints`.
"""

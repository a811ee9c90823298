"""A group's page: its newest messages, the box to write in, and the forms that send, edit and delete a message.

`content` gives a message the shape that templates expect, for this page and for threads. `composer` is the state of the
box to write in, and `sending` the form behind it.
"""

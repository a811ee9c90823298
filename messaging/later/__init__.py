"""What a person has planned: messages that are sent later, and reminders of messages.

`rows` keeps each as a row of that person, with an entry of what is due (`users/due`). `planning` makes, changes and
cancels messages to be sent, `sending` sends them; `reminding` makes reminders, `arriving` has them arrive in the inbox.
`times` finds out which moment is meant, `moving` moves what the zones' rules have moved.
"""

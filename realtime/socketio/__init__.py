"""Socket.IO 5 over an Engine.IO session: namespaces, events, acknowledgements and binary attachments.

`connection` is one client with its namespaces, `packets` the codec.
"""

"""Socket.IO 5: namespaces, events, acknowledgements and binary attachments over an Engine.IO session."""

"""What people write, as HTML: Markdown, mentions, links, emoji and code, rendered by the server for all its clients.

`rendering` turns a source into HTML; it is pure, and bounded in time and size. `html` is what the doors ask: it
resolves names, keeps what was rendered, and renders beside the event loop what takes long.
"""

"""The web chat: its pages over plain HTTP, its forms without a browser, and its files; `browser` has the rest."""

"""How somebody wants the web chat to be: its theme, and what Enter does."""

"""The web chat in Chromium: users at browsers of their own, on a real server."""

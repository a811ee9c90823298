"""The template tags of the web chat: `{% load web %}`."""

"""Joining groups by oneself: the links to a group, the page that one leads to, and what somebody is asked to join."""

"""Reporting a message or a person; the queue of what was reported, for administrators; and what they told somebody."""

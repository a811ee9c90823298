"""Choosing the language of the pages in this browser."""

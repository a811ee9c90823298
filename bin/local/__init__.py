"""What the commands in bin/ do. A module may import only the standard library: it is loaded before pip has run.

A function that needs an installed package imports it itself, and says so.
"""

"""The rules for messages, a module for each action, as proposals to their group's log.

A proposal says who may, which entry is appended and which rows change with it; `change` has what they share.
"""

"""The rules for messages, a module for each action, as proposals to their group's log.

A proposal checks permissions and builds the entry to append and the rows that change with it; `change` has what they
share, `attach` the rule for the files of a message.
"""

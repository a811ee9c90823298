"""The log of a group: one ordered list of entries, each a message or a change; whoever appends, appends here."""

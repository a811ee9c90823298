"""The messages that are pinned in a group, in a panel, and the form that pins and unpins one."""

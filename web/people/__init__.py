"""Groups and their members: the members panel, and the forms that create a group and change its name or members."""

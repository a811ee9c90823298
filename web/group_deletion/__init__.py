"""The page that asks the owner of a group whether it is to be deleted: whoever types its name means it."""

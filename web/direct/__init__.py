"""The page on which the people of a conversation without a name are chosen."""

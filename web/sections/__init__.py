"""The page of one's sections: their names, their order, and which are collapsed."""

"""Teams: the list of them, and the page of one with its people, which its managers change there."""

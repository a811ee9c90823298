"""What a message said before it was edited, in a panel."""

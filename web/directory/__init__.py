"""The directory of public groups: finding one, joining it, and making another."""

"""The forms that give a group a picture, and take it away."""

"""Pictures of people and groups: a square in a few sizes, one document each; its owner's row says which is its own.

`cutting` makes the square, `replacing` puts a picture in the place of another, whosever it is.
"""

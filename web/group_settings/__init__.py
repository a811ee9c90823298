"""The settings of a group: what it says of itself, who finds it, what its members may do, and its archive."""

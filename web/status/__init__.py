"""The page of administrators: what the health report says, with charts of the last fifteen minutes."""

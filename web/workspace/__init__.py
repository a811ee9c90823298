"""The page of the workspace: its settings, and what administrators do with people."""

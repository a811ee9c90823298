"""The commands in bin/: installing, starting and stopping engines, and what they say when something fails."""

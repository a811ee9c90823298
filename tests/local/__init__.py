"""The commands in bin/: installing, starting and stopping engines, and what they print when something fails."""

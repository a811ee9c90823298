"""The load generator: Socket.IO clients that cost little, loops that drive them, and a verdict on what they saw."""

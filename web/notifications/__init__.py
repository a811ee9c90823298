"""How one is told of messages while one is away: settings, devices, why one was told of a message, and the worker."""

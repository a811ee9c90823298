"""The sentences of the web chat: found in the sources, translated in locale/, compiled for server and script."""

"""The consumer of the chat with the events of all apps: what apps above `messaging` add to `ChatConsumer`."""

from search.consumers import SearchConsumer


class ClientConsumer(SearchConsumer):
    """Serves one client, whatever its transport."""

"""The socket event by which clients search."""

from typing import Any

from messaging.consumers import ChatConsumer
from realtime.client_event import event
from realtime.dispatcher import Result

from .selectors import search
from .serializers import FoundSerializer, SearchInput


class SearchConsumer(ChatConsumer):
    """Serves one client of the chat, which may search too."""

    @event(SearchInput, FoundSerializer)
    async def search(self, **query: Any) -> Result:
        return await self._rendered(search(actor=self.actor, **query))

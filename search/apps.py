"""Registers the follower that keeps the index, at start-up."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"

    def ready(self) -> None:
        # The tables read the settings when they are imported, which must wait until the apps are ready.
        from groups.followers.follower import register

        from .follower import SearchIndex

        register(SearchIndex())

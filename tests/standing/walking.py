"""All doors of the server: the operations of its HTTP addresses, its pages, and the events of its sockets."""

from collections.abc import Iterator

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from chatproject.consumers import ClientConsumer

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# These answer HEAD apart from GET.
_HEAD = frozenset(("resumable-upload",))


def api_doors() -> set[str]:
    """Return the method and the name of each operation of the API, such as `GET groups`."""
    return {f"{method} {each.name}" for each in _patterns() if not _is_page(each) for method in _methods(each)}


def page_names() -> set[str]:
    """Return the names of all addresses of the web chat."""
    return {str(each.name) for each in _patterns() if _is_page(each)}


def events() -> set[str]:
    return set(ClientConsumer.events)


def _patterns() -> Iterator[URLPattern]:
    def walk(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
        for each in patterns:
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns)
            elif each.name is not None:
                yield each

    return walk(get_resolver().url_patterns)


def _is_page(pattern: URLPattern) -> bool:
    return str(pattern.callback.__module__).startswith("web.")


def _methods(pattern: URLPattern) -> Iterator[str]:
    view = getattr(pattern.callback, "view_class", getattr(pattern.callback, "cls", None))
    if view is None:  # a function, which only shows something
        yield "GET"
        return
    for method in METHODS:
        if hasattr(view, method.lower()):
            yield method
    if pattern.name in _HEAD:
        yield "HEAD"

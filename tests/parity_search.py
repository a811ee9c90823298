"""Attempts to search: every entry point answers alike."""

from .parity_case import Case

SEARCH_CASES = [
    Case("bob", "search", {"q": "hello"}),
    Case("bob", "search", {"q": 'from:me "hel lo" -has:file after:2020-01-01'}),
    Case("bob", "search", {"q": "hello", "order": "best"}),
    Case("charlie", "search", {"q": "hello"}),
    *[
        Case("bob", "search", {"q": q}, "invalid")
        for q in ("a", "-hello", "has:luck", 'is:""', "on:tomorrow", "from:nobody-is-called-so", "x" * 501, "ab " * 21)
    ],
    Case("bob", "search", {"q": "hello", "cursor": "nonsense"}, "invalid"),
    Case("bob", "search", {"q": "hello", "limit": 51}, "invalid"),
    Case("bob", "search", {"q": "hello", "order": "worst"}, "invalid"),
    Case("nobody", "search", {"q": "hello"}, "unauthenticated"),
]

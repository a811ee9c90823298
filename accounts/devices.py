"""What a client calls itself: the words that a list of sessions shows, from its User-Agent."""

from foundation.visible import has_hidden

_MAX_STORED = 200
# In this order: browsers name those that they are built upon, too.
_PROGRAMS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
    "curl": "curl",
    "python": "Python",
    "node": "Node",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def stored_agent(header: str) -> str:
    """Return as much of a User-Agent as is kept; nothing of one with characters that do not show."""
    text = header.strip()[:_MAX_STORED]
    return "" if has_hidden(text) else text


def describe(agent: str) -> str:
    """Return such as "Firefox on Linux"."""
    program = next((name for word, name in _PROGRAMS.items() if word in agent), "")
    system = next((name for word, name in _SYSTEMS.items() if word in agent), "")
    return " on ".join(filter(None, (program, system))) or "An unknown device"

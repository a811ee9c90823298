"""What an outsider attempts by reporting what they cannot read."""

from .outsider_attempts import Request, json_body

MODERATION_REQUESTS: dict[str, Request] = {
    "report a message": lambda t: ("POST", "/api/reports", json_body(messageId=t.message, reason="spam")),
    "report a message with words": lambda t: (
        *("POST", "/api/reports"),
        json_body(messageId=t.message, reason="other", text="let me in"),
    ),
}

"""What the log says of requests that were refused."""

import logging


class WithoutClientTracebacks(logging.Filter):
    """What a client did wrong (a wrong Host, a broken form) is one line: whoever sends it must not fill the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        refused = record.name == "django.request" and getattr(record, "status_code", 500) < 500
        if refused or record.name.startswith("django.security"):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True

"""The ASGI application, for HTTP and sockets."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured

# uvicorn's exit code of a worker that cannot start: with several, the others are stopped too.
_STARTUP_FAILURE = 3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
# Django must be set up before anything that reads the settings is imported.
try:
    django.setup(set_prefix=False)
except ImproperlyConfigured as error:
    # The operator's mistake: a sentence, not a traceback.
    sys.stderr.write(f"{error}\n")
    sys.exit(_STARTUP_FAILURE)

from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.urls import re_path  # noqa: E402

from foundation.streamed_body import StreamBodies  # noqa: E402
from realtime.transport.routes import Routes  # noqa: E402

from .aborted import ResetAborted  # noqa: E402
from .body_limit import BodyLimit, is_streamed  # noqa: E402
from .django_handler import Handler  # noqa: E402
from .host import NamedHost  # noqa: E402
from .lifespan import StartedFirst, lifespan  # noqa: E402
from .rate_limit import RateLimit  # noqa: E402
from .routing import http_urlpatterns, websocket_urlpatterns  # noqa: E402
from .security_headers import SecurityHeaders  # noqa: E402
from .threads import SharedThreads  # noqa: E402

_django = RateLimit(BodyLimit(StreamBodies(SharedThreads(Handler()), is_streamed)))
# Middleware around "http" and "websocket" sees every request and every handshake of a websocket.
application = ProtocolTypeRouter(
    {
        "http": ResetAborted(
            SecurityHeaders(
                NamedHost(
                    StartedFirst(Routes([*http_urlpatterns, re_path("", _django)]))  # type: ignore[arg-type] # Channels routes to any ASGI application, Django's types know only views
                )
            )
        ),
        "lifespan": lifespan,
        "websocket": StartedFirst(Routes(websocket_urlpatterns)),
    }
)

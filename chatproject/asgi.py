"""The ASGI application, for HTTP and sockets."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
# Django must be set up before anything that reads the settings is imported.
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from .aborted import ResetAborted  # noqa: E402
from .body_limit import BodyLimit  # noqa: E402
from .lifespan import lifespan  # noqa: E402
from .routing import polling, websocket_urlpatterns  # noqa: E402
from .security_headers import SecurityHeaders  # noqa: E402

application = ProtocolTypeRouter(
    {
        # Channels routes to any ASGI application; Django's own types know only views.
        "http": ResetAborted(
            SecurityHeaders(
                URLRouter([path("socket.io/", polling), re_path("", BodyLimit(django_application))])  # type: ignore[arg-type]
            )
        ),
        "lifespan": lifespan,
        "websocket": URLRouter(websocket_urlpatterns),
    }
)

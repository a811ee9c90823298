"""The ASGI application, for HTTP and sockets."""

import os
import sys

from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

# uvicorn's exit code of a worker that cannot start: with several, the others are stopped too.
_STARTUP_FAILURE = 3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
# Django must be set up before anything that reads the settings is imported.
try:
    django_application = get_asgi_application()
except ImproperlyConfigured as error:
    # The operator's mistake: a sentence, not a traceback.
    sys.stderr.write(f"{error}\n")
    sys.exit(_STARTUP_FAILURE)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from .body_limit import BodyLimit  # noqa: E402
from .lifespan import lifespan  # noqa: E402
from .routing import polling, websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        # Channels routes to any ASGI application; Django's own types know only views.
        "http": URLRouter([path("socket.io/", polling), re_path("", BodyLimit(django_application))]),  # type: ignore[arg-type]
        "lifespan": lifespan,
        "websocket": URLRouter(websocket_urlpatterns),
    }
)

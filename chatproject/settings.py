"""All settings, each from the environment (or `.env`); what each means stands in the README."""
# Long: an operator finds every setting on one page.

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management.utils import get_random_secret_key
from redis.backoff import NoBackoff
from redis.retry import Retry

from foundation.created_files import create_file
from foundation.environment import Environment
from foundation.limits.rates import Rate, parse_rates
from foundation.redis_retry import no_retry

VERSION = "1.0.0"
BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
env.read_file(env.str("ENV_FILE", str(BASE_DIR / ".env")))
# A wrong value is replaced by the default and noted here; `configuration` says all of them before anything is served.
ENVIRONMENT_PROBLEMS = env.problems

# --- Who may sign in -------------------------------------------------------------------------------------------------
# "accounts", "clerk" or "trial". No default: a server that forgot to say it would let anybody in, or nobody.
SIGN_IN = env.str("SIGN_IN", "").strip().lower()
CLERK_ISSUER = env.str("CLERK_ISSUER", "").rstrip("/")
CLERK_JWKS_URL = env.str("CLERK_JWKS_URL", f"{CLERK_ISSUER}/.well-known/jwks.json" if CLERK_ISSUER else "")
CLERK_JWT_KEY = env.str("CLERK_JWT_KEY", "", multiline=True)
CLERK_PUBLISHABLE_KEY = env.str("CLERK_PUBLISHABLE_KEY", "")
# As Clerk names them: without the first, no webhooks are taken; without the second, no names are looked up.
CLERK_WEBHOOK_SIGNING_SECRET = env.str("CLERK_WEBHOOK_SIGNING_SECRET", "")
CLERK_SECRET_KEY = env.str("CLERK_SECRET_KEY", "")
# Whose people are here, by id, and see each other; of all, if empty.
CLERK_ORGANIZATIONS = frozenset(env.list("CLERK_ORGANIZATIONS", default=[]))
CLERK_API_URL = env.str("CLERK_API_URL", "https://api.clerk.com").rstrip("/")
LOCAL_ISSUER = SIGN_IN in ("accounts", "trial")
# Its private key as PEM, for servers on several machines; without it, one is made and kept on the disk.
LOCAL_ISSUER_KEY = env.str("LOCAL_ISSUER_KEY", "", multiline=True)
# The first hashes; a password that another of them has hashed is hashed anew when its owner signs in.
PASSWORD_HASHERS = ["accounts.hashers.PasswordHasher"]
LOCAL_TOKEN_LIFETIME = env.int("LOCAL_TOKEN_LIFETIME", 12 * 3600, minimum=1)
# Of a session, however often its token is renewed; Clerk's dashboard sets that of its own. In seconds.
SESSION_LIFETIME = env.int("SESSION_LIFETIME", 30 * 24 * 3600, minimum=60)
# Of one user, with the local issuer: the oldest sessions end first.
MAX_SESSIONS = env.int("MAX_SESSIONS", 100, minimum=1)
DEBUG = env.bool("DEBUG", default=False)
TOKEN_LEEWAY = 5
SESSION_COOKIE = "__session"

# Whose passkeys are; the host of PUBLIC_URL if not set. Another one leaves all passkeys behind.
PASSKEY_DOMAIN = env.str("PASSKEY_DOMAIN", "").strip().lower()

# A provider of OpenID Connect beside the passwords (docs/accounts.md); none without an issuer.
OIDC_ISSUER = env.str("OIDC_ISSUER", "").strip()
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "").strip()
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", "").strip()
OIDC_SCOPES = env.str("OIDC_SCOPES", "openid profile email")
OIDC_LABEL = env.str("OIDC_LABEL", "your organization")
# What names somebody for good at the provider.
OIDC_ID_CLAIM = env.str("OIDC_ID_CLAIM", "sub")
# Whether whoever the provider lets in gets an account, or only whoever was invited.
OIDC_ACCOUNTS = env.choice("OIDC_ACCOUNTS", ("invited", "made"))
OIDC_LINK_BY_EMAIL = env.bool("OIDC_LINK_BY_EMAIL", default=False)
OIDC_DOMAINS = env.list("OIDC_DOMAINS", default=[])
OIDC_GROUPS_CLAIM = env.str("OIDC_GROUPS_CLAIM", "groups")
# Its groups and ours, by id: {"engineering": ["group_1"]}.
OIDC_GROUPS = env.json("OIDC_GROUPS", {})
# Its groups and roles in the workspace: {"it": "admin", "partners": "guest"}; "*" is everybody.
OIDC_ROLES = env.json("OIDC_ROLES", {})

# Where links are mailed through; without a host, none are.
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_PORT = env.int("EMAIL_PORT", 587, minimum=1)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=EMAIL_PORT == 587)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=EMAIL_PORT == 465)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", EMAIL_HOST_USER)

# --- Address ---------------------------------------------------------------------------------------------------------
PORT = env.int("PORT", 3000, minimum=1)
HOST = env.str("HOST", "") or "127.0.0.1"
_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
_LOCAL_URLS = [f"http://{name}:{PORT}" for name in ("127.0.0.1", "localhost")]
PUBLIC_URL = (env.str("PUBLIC_URL", "") or _LOCAL_URLS[0]).rstrip("/")
_is_local = PUBLIC_URL in _LOCAL_URLS
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=_LOOPBACK if _is_local else [urlsplit(PUBLIC_URL).hostname or ""])
ALLOWED_ORIGINS = env.list("ALLOWED_ORIGINS", default=[PUBLIC_URL, *(_LOCAL_URLS[1:] if _is_local else [])])
CORS_ALLOWED_ORIGINS = ALLOWED_ORIGINS
CORS_ALLOW_CREDENTIALS = True
# What a browser may not show to another origin's page, or send for it, unless it is named.
CORS_EXPOSE_HEADERS = [
    *("Content-Disposition", "Content-Range", "ETag", "Idempotent-Replayed", "Link", "Location", "Retry-After"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy"),
]
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with"),
    *("idempotency-key", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "range"),
]
# Of resumable uploads, which pages of other origins may make too.
_TUS = ["Tus-Resumable", "Upload-Length", "Upload-Offset"]
CORS_EXPOSE_HEADERS += [*_TUS, "Tus-Version", "Upload-Expires"]
CORS_ALLOW_HEADERS += [*map(str.lower, _TUS), "upload-checksum", "upload-metadata"]
CSRF_TRUSTED_ORIGINS = ALLOWED_ORIGINS
# How many proxies, from this server outwards, are believed when they say who called (X-Forwarded-For) and how.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_COOKIES = PUBLIC_URL.startswith("https://")
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_FAILURE_VIEW = "web.stale_forms.refuse"

# --- Engines ---------------------------------------------------------------------------------------------------------
LOCAL_STATE_DIR = BASE_DIR / ".engines"


def _engine(name: str) -> str:
    """Return the address from the environment, else that of the engine that `bin/run` started for this checkout."""
    address: str = env.str(name, "")
    if address:
        return address
    try:
        running: str = json.loads((LOCAL_STATE_DIR / "addresses.json").read_text())[name]
        return running
    except (OSError, KeyError, ValueError):
        env.problems.append(f"{name} is not set and no local engine runs: use bin/run or bin/manage, or set {name}.")
        return ""


REDIS_URL = _engine("REDIS_URL")
MONGODB_URI = _engine("MONGODB_URI")
MONGODB_DATABASE = env.str("MONGODB_DATABASE", "chatproject")
_dynamodb = _engine("DYNAMODB_URL")
# "aws" is the service itself: endpoint and credentials then come from the region and AWS's credential chain.
DYNAMODB_URL = None if _dynamodb == "aws" else _dynamodb
DYNAMODB_REGION = env.str("AWS_REGION", "us-east-1")
DYNAMODB_ACCESS_KEY_ID = env.str("AWS_ACCESS_KEY_ID", "local") if DYNAMODB_URL else None
DYNAMODB_SECRET_ACCESS_KEY = env.str("AWS_SECRET_ACCESS_KEY", "local") if DYNAMODB_URL else None
# Only with the key that it belongs to.
_session_token = env.str("AWS_SESSION_TOKEN", "") if env.str("AWS_ACCESS_KEY_ID", "") else ""
DYNAMODB_SESSION_TOKEN = _session_token if DYNAMODB_URL and _session_token else None
# Separates installations, or test workers, that share engines.
NAMESPACE = env.str("NAMESPACE", "chatproject")
STORE_CONNECTIONS = env.int("STORE_CONNECTIONS", 32, minimum=1)
STORE_TIMEOUT = env.float("STORE_TIMEOUT", 5.0, minimum=0.1)

# --- Health ----------------------------------------------------------------------------------------------------------
# Figures are for bearers of this token (none if empty), and for administrators of the workspace. ADMINS names the first
# ones by their user ids, or in a trial by their names.
HEALTH_TOKEN = env.str("HEALTH_TOKEN", "")
ADMINISTRATORS = frozenset(name.strip() for name in env.list("ADMINS", default=[]) if name.strip())
# Seconds between two samples of a process, which the others then know; one that is silent for three counts as gone.
HEALTH_INTERVAL = env.float("HEALTH_INTERVAL", 5.0, minimum=0.1)
# Seconds for which a process that was told to end only says that it is not ready, so that balancers leave it in peace.
DRAIN_SECONDS = env.float("DRAIN_SECONDS", 0.0)

# For how many days the audit log keeps an act; 0: for ever.
AUDIT_DAYS = env.int("AUDIT_DAYS", 400)
# For how many days after the decision what was reported is kept as it was, with who has reported it.
REPORT_EVIDENCE_DAYS = env.int("REPORT_EVIDENCE_DAYS", 90)

# --- Limits ----------------------------------------------------------------------------------------------------------
MAX_CONTENT_LENGTH = env.int("MAX_CONTENT_LENGTH", 10_000, minimum=1)
# A message is written in one transaction of 100 rows at most: its entry, its parent, and a row for each file.
MAX_ATTACHMENTS = min(env.int("MAX_ATTACHMENTS", 10), 98)
MAX_FILE_BYTES = env.int("MAX_FILE_BYTES", 100 * 1024 * 1024, minimum=1)
# What the files of one user, and of all, may take.
MAX_USER_BYTES = env.int("MAX_USER_BYTES", 10 * 1024**3)
MAX_WORKSPACE_BYTES = env.int("MAX_WORKSPACE_BYTES", 1024**4)
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", 1_000_000, minimum=1)
# The body of a request: how long it may take, in seconds, and how many bytes a second its client must send.
BODY_TIMEOUT = env.float("BODY_TIMEOUT", 3600.0, minimum=0.01)
MIN_BODY_RATE = env.float("MIN_BODY_RATE", 8192.0)
# Of one user, in each process. A browser has six connections to a server at most.
MAX_UPLOADS_AT_ONCE = env.int("MAX_UPLOADS_AT_ONCE", 6, minimum=1)
# A picture of somebody, as it comes.
MAX_PICTURE_BYTES = env.int("MAX_PICTURE_BYTES", 10 * 1024 * 1024, minimum=1)
# Images are decoded in processes of their own: how many at once, and what one of them may take: seconds, and bytes. An
# image of more pixels has no thumbnails.
IMAGE_PROCESSES = env.int("IMAGE_PROCESSES", 1, minimum=1)
IMAGE_TIMEOUT = env.float("IMAGE_TIMEOUT", 20.0, minimum=0.1)
IMAGE_MEMORY_BYTES = env.int("IMAGE_MEMORY_BYTES", 1024**3, minimum=256 * 1024**2)
MAX_IMAGE_PIXELS = env.int("MAX_IMAGE_PIXELS", 50_000_000, minimum=1)
# Whether others get an image with all that its camera wrote into it, such as where it was taken.
KEEP_IMAGE_METADATA = env.bool("KEEP_IMAGE_METADATA", default=False)
# Who may name everybody (<!all>, <!here>) in groups of more members than this.
MENTION_ALL_MAX_MEMBERS = env.int("MENTION_ALL_MAX_MEMBERS", 100)
MENTION_ALL_IN_LARGE_GROUPS = env.choice("MENTION_ALL_IN_LARGE_GROUPS", ("admins", "members", "owners", "nobody"))
# Who sees what a message said before it was edited, beside its author: the group's managers, all members, or nobody.
EDIT_HISTORY = env.choice("EDIT_HISTORY", ("managers", "members", "author", "nobody"))
# Who pins messages in a group: all members, or its managers; in a direct conversation both may.
PIN_MESSAGES = env.choice("PIN_MESSAGES", ("members", "managers"))
MAX_PINS = env.int("MAX_PINS", 50, minimum=1)
# Of one user: drafts, and messages that they have saved.
MAX_DRAFTS = env.int("MAX_DRAFTS", 100, minimum=1)
MAX_SAVED = env.int("MAX_SAVED", 1000, minimum=1)
MAX_SCHEDULED = env.int("MAX_SCHEDULED", 100, minimum=1)
MAX_REMINDERS = env.int("MAX_REMINDERS", 200, minimum=1)
# Browsers of one user that take pushes; whether pushes may go into private networks, and without TLS (for tests alone);
# and the seconds that a push service has for an answer.
MAX_DEVICES = env.int("MAX_DEVICES", 20, minimum=1)
PUSH_PRIVATE_NETWORKS = env.bool("PUSH_PRIVATE_NETWORKS", default=False)
PUSH_TIMEOUT = env.float("PUSH_TIMEOUT", 10.0, minimum=0.1)
# Seconds after which what a dead process had to send is sent by others, and after which what is unread is mailed.
NOTIFICATION_LEASE = env.float("NOTIFICATION_LEASE", max(60.0, 2 * PUSH_TIMEOUT), minimum=1.0)
NOTIFICATION_MAIL_DELAY = env.int("NOTIFICATION_MAIL_DELAY", 900, minimum=1)
MAX_EMOJI_PER_MESSAGE = env.int("MAX_EMOJI_PER_MESSAGE", 50, minimum=1)
MAX_PACKET_BYTES = env.int("MAX_PACKET_BYTES", 1_000_000, minimum=1)
TYPING_INTERVAL = env.float("TYPING_INTERVAL", 3.0)
TYPING_MAX_MEMBERS = env.int("TYPING_MAX_MEMBERS", 100)

# --- Rate limits (docs/limits.md) ------------------------------------------------------------------------------------
_RATES = {
    # HTTP requests of a user, or of an address where nobody is signed in; counted in Redis, over all processes.
    "all": "1200/m",
    "write": "30/m",
    "upload": "30/m",
    "list": "300/m",
    "sign_in": "30/m",
    "failed_sign_in": "60/m",
    # Looks at links to groups, and joining by them.
    "link": "30/m",
    # Attempts to sign in with one sign-in name: from one address or known device; of all that are not known; of all
    # that are.
    "password": "20/10m",
    "password_of_strangers": "100/h",
    "password_of_devices": "200/h",
    # Codes of the second factor, of an account or known device; of all known devices of an account. Passwords that a
    # signed-in user is asked for again.
    "second_factor": "5/10m",
    "second_factor_of_devices": "30/h",
    "own_password": "20/10m",
    # Mails to whoever has one sign-in name.
    "reset_mail": "3/h",
    # Clerk's, of the address that sends them.
    "webhook": "600/m",
    # How often somebody is put into groups by others; counted in Redis too.
    "added_to_groups": "60/h",
    # What a user reports to the administrators.
    "report": "20/h",
    # Pushes that a user sends to themselves.
    "test_push": "10/h",
    # What a user does over sockets, over HTTP and in pages alike; counted in the memory of each process.
    "message": "20/4s",
    "thread_sync": "60/12s",
    # KB of messages and changes that a user reads.
    "history": "4000/12s",
    "compute": "10/2s",
    "thread_read": "60/12s",
    "search": "40/20s",
    "thread_typing": "60/12s",
    "draft": "60/12s",
    "presence": "20/20s",
    "authenticate": "10/10s",
    # Events that no handler takes: of an unknown name, or with wrong data.
    "invalid_event": "60/12s",
}


def _rate_limits(changes: str) -> dict[str, Rate]:
    try:
        return parse_rates(_RATES, changes)
    except ValueError as error:
        env.problems.append(f"RATE_LIMITS: {error}")
        return parse_rates(_RATES, "")


RATE_LIMITS = _rate_limits(env.str("RATE_LIMITS", ""))
# Open connections in each process, 0 for any number: of a user, and of an address before they sign in.
MAX_CONNECTIONS_PER_USER = env.int("MAX_CONNECTIONS_PER_USER", 50 if RATE_LIMITS else 0)
MAX_ANONYMOUS_CONNECTIONS = env.int("MAX_ANONYMOUS_CONNECTIONS", 100 if RATE_LIMITS else 0)
# Of an address, and of all: TCP connections that are no websockets.
MAX_HTTP_CONNECTIONS_PER_ADDRESS = env.int("MAX_HTTP_CONNECTIONS_PER_ADDRESS", 1000 if RATE_LIMITS else 0)
MAX_HTTP_CONNECTIONS = env.int("MAX_HTTP_CONNECTIONS", 10_000 if RATE_LIMITS else 0)
# Seconds that a request waits for Redis to count it.
RATE_LIMIT_TIMEOUT = env.float("RATE_LIMIT_TIMEOUT", 0.1, minimum=0.01)
RATELIMIT_USE_CACHE = "rate-limits"

# --- Sockets ---------------------------------------------------------------------------------------------------------
PING_INTERVAL = env.float("PING_INTERVAL", 25.0, minimum=0.01)
PING_TIMEOUT = env.float("PING_TIMEOUT", 20.0, minimum=0.01)
CONNECT_TIMEOUT = env.float("CONNECT_TIMEOUT", 45.0, minimum=0.01)
UPGRADE_TIMEOUT = env.float("UPGRADE_TIMEOUT", 10.0, minimum=0.01)
# Seconds before a polling session reads, so that another process may take it over; only with several processes.
TAKEOVER_WAIT = env.float("TAKEOVER_WAIT", 0.3 if env.int("WORKERS", 1) > 1 else 0.0)
ROOM_CHECK_INTERVAL = env.float("ROOM_CHECK_INTERVAL", 2.0, minimum=0.01)
QUIET_ROOM_CHECK_INTERVAL = env.float("QUIET_ROOM_CHECK_INTERVAL", 30.0, minimum=0.01)
MEMBERSHIP_CHECK_INTERVAL = env.float("MEMBERSHIP_CHECK_INTERVAL", 10.0, minimum=0.01)
# Seconds between two writes of the read mark that an author's own messages move.
READ_MARK_INTERVAL = env.float("READ_MARK_INTERVAL", 1.0)
# Whether servers follow the logs beside what they serve; if not, `manage.py follow` must run. Then, in seconds, when
# another process takes a group over from one that has died, and how long a round over all groups takes.
FOLLOW = env.bool("FOLLOW", default=True)
# Seconds between two looks at what other processes left to be sent: all of it where others decide what is told.
NOTIFICATION_POLL = env.float("NOTIFICATION_POLL", 20.0 if FOLLOW else 5.0, minimum=0.1)
FOLLOW_LEASE = env.float("FOLLOW_LEASE", max(30.0, 6 * STORE_TIMEOUT), minimum=1.0)
# Seconds after which what a process has begun to do of what is due is done by another one.
DUE_LEASE = env.float("DUE_LEASE", max(30.0, 6 * STORE_TIMEOUT), minimum=1.0)
FOLLOW_SWEEP = env.float("FOLLOW_SWEEP", 600.0, minimum=1.0)
# Presence, in seconds: how often it is exchanged and published, how long a silent process counts, what a drop waits.
PRESENCE_INTERVAL = env.float("PRESENCE_INTERVAL", 0.5, minimum=0.01)
PRESENCE_EXPIRY = env.float("PRESENCE_EXPIRY", 6.0, minimum=0.01)
PRESENCE_GRACE = env.float("PRESENCE_GRACE", 5.0)
PRESENCE_MAX_MEMBERS = env.int("PRESENCE_MAX_MEMBERS", 1000)


# --- Django ----------------------------------------------------------------------------------------------------------
def _secret_key() -> str:
    """Return the key from the environment; without Clerk, one that is created once and kept on the disk."""
    key = env.str("SECRET_KEY", "")
    if key:
        return key
    if not LOCAL_ISSUER:
        env.problems.append("SECRET_KEY is not set: set it to 50 random characters.")
        return "missing"
    path = LOCAL_STATE_DIR / "secret-key"
    if not path.exists():
        create_file(path, get_random_secret_key().encode())
    return path.read_text()


SECRET_KEY = _secret_key()
INSTALLED_APPS = [
    # For its `runserver`; Twisted would cost every other process a sixth of its start, and memory.
    *(["daphne"] if "runserver" in sys.argv else []),
    "django.contrib.staticfiles",
    "channels",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "chatproject",
    "realtime",
    "users",
    "workspace",
    "accounts",
    "groups",
    "presence",
    "files",
    "messaging",
    "moderation",
    "notifications",
    "search",
    "health",
    "web",
]
MIDDLEWARE = [
    "web.content_security.content_security",
    "chatproject.trial.ThisMachineOnly",
    "web.languages.in_language",
    "foundation.answering.DeadlineMiddleware",
    "chatproject.quick_middleware.SecurityMiddleware",
    "chatproject.quick_middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "chatproject.chunked.content_length",
    "chatproject.representation.Representation",
    "chatproject.quick_middleware.CommonMiddleware",
    "chatproject.quick_middleware.CsrfViewMiddleware",
    "chatproject.quick_middleware.XFrameOptionsMiddleware",
]
DEFAULT_EXCEPTION_REPORTER = "chatproject.error_reports.CleansedReporter"
ROOT_URLCONF = "chatproject.urls"
ASGI_APPLICATION = "chatproject.asgi.application"
APPEND_SLASH = False
DATABASES: dict[str, object] = {}
# The hubs of all processes speak through this. CHANNEL_LAYER_CONFIG is the JSON of a CONFIG of its own, for example for
# a Redis with Sentinel (docs/running.md).
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": env.str("CHANNEL_LAYER", "realtime.hub.layer.PipelinedPubSubLayer"),
        "CONFIG": env.json(
            "CHANNEL_LAYER_CONFIG",
            {
                "hosts": [
                    {"address": REDIS_URL, "socket_connect_timeout": 2.0, "socket_timeout": None, "retry": no_retry()}
                ],
                "prefix": f"{NAMESPACE}-hub",
            },
        ),
    }
}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # A request waits for its count, so Redis must be quick.
    RATELIMIT_USE_CACHE: {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": [REDIS_URL],
        "KEY_PREFIX": f"{NAMESPACE}:rate-limits",
        "OPTIONS": {
            "socket_timeout": RATE_LIMIT_TIMEOUT,
            "socket_connect_timeout": RATE_LIMIT_TIMEOUT,
            "retry": Retry(NoBackoff(), 0),
        },
    },
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "web.brand.workspace",
                "web.viewer.viewer",
            ],
            "builtins": ["django.templatetags.i18n", "web.templatetags.translating"],
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
# Of the API and whatever else is for developers, and of pages whose readers ask for none of LANGUAGES.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
STATIC_URL = "/static/"
# The browser's Socket.IO client is npm's own build, served as it is.
STATICFILES_DIRS = [("socket.io", BASE_DIR / "node_modules" / "socket.io-client" / "dist")]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "web.emoji_data.EmojiFinder",
]
# With a STATIC_ROOT, what `build_static` has built there is served; without it, or with DEBUG, files are as they lie.
STATIC_ROOT = None if DEBUG else env.str("STATIC_ROOT", "") or None
if STATIC_ROOT is None:
    # Built, what the script imports of it is in the script.
    STATICFILES_DIRS += [
        (f"floating-ui/{part}", BASE_DIR / "node_modules" / "@floating-ui" / part / "dist")
        for part in ("core", "dom", "utils")
    ]
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "chatproject.static_files.BuiltStorage"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
FILE_UPLOAD_HANDLERS = ["foundation.uploaded_files.NamedFileHandler"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["users.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["foundation.api.IsSignedIn"],
    "DEFAULT_PARSER_CLASSES": ["foundation.api.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "chatproject.openapi.schema.ApiSchema",
    "EXCEPTION_HANDLER": "foundation.api.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": [
        "foundation.api.JsonRenderer",
        "chatproject.browsable.renderer.BrowsableRenderer",
    ],
    # `?format=json`, for a link that a browser opens.
    "URL_FORMAT_OVERRIDE": "format",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "chatproject",
    "DESCRIPTION": (
        "Team chat: groups, messages, users and files. What is said on its sockets: [Events](/api/events).\n\n"
        "Any request may be refused with 429, the error `rate_limited` and `Retry-After`; how much remains is in the "
        "headers `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset` (seconds) and `RateLimit-Policy`."
    ),
    "VERSION": VERSION,
    # Its schemas are then JSON Schema, which AsyncAPI speaks too (chatproject/asyncapi/).
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": "/", "description": "This server."}],
    "TAGS": [
        {"name": "teams", "description": "Teams: people whom one names or adds together."},
        {"name": "groups", "description": "Groups, direct conversations and their members."},
        {"name": "messages", "description": "What people say in groups: messages, threads, reactions, read marks."},
        {"name": "search", "description": "What people have said where you are, found by any part of it."},
        {"name": "threads", "description": "The threads that you follow."},
        {"name": "inbox", "description": "Who has named you, replied to you, or reacted."},
        {"name": "notifications", "description": "How you are told of messages while you are away, and why you were."},
        {
            "name": "files",
            "description": "What people attach to messages. `/api/uploads` takes them in parts, by tus 1.0.",
        },
        {"name": "users", "description": "Whoever has signed in at least once, and the keys of their tokens."},
        {"name": "workspace", "description": "Its settings, roles, and who may come in."},
        {"name": "accounts", "description": "Signing in where this server keeps the accounts (`SIGN_IN=accounts`)."},
        {"name": "reports", "description": "Reporting to the administrators, and what they decide."},
        {"name": "notices", "description": "What administrators have told you."},
        {"name": "audit", "description": "Who has done what as an administrator; for administrators."},
        {"name": "health", "description": "Whether this server works."},
    ],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chatproject.openapi.examples.add_examples",
    ],
    # Words that several types share.
    "ENUM_NAME_OVERRIDES": {
        "WorkspaceRole": "users.roles.ROLES",
        "Audience": "workspace.settings.AUDIENCES",
        "AudienceOfInvitations": "workspace.settings.AUDIENCES_OF_INVITATIONS",
        "RoleEnum": "groups.models.ROLES",
        "TeamRole": "workspace.teams.models.ROLES",
        "HealthState": "health.states.STATES",
        "ServerState": "health.states.SERVER_STATES",
        "Readiness": "health.states.READINESS",
        "Liveness": "health.states.LIVENESS",
        "KindEnum": "groups.models.KINDS",
        "Permitted": "groups.policy.PERMITTED",
        "PermittedToPost": "groups.policy.PERMITTED_TO_POST",
        "ItemKind": "messaging.inbox.rows.KINDS",
        "ReportedKind": "moderation.case.KINDS",
        "CaseState": "moderation.case.STATES",
        "Decision": "moderation.case.DECISIONS",
        "ReportReason": "moderation.case.REASONS",
        "ToldReason": "notifications.rules.REASONS",
        "ToldCause": "notifications.rules.CAUSES",
    },
    # A PATCH needs the fields that it needs.
    "COMPONENT_SPLIT_PATCH": False,
    # Words that say what they mean are not listed a second time.
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "SERVE_INCLUDE_SCHEMA": False,
    # Swagger's own files are served from here, not from somebody else's network.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"client": {"()": "foundation.logs.WithoutClientTracebacks"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["client"]}},
    # Every process would log that PynamoDB has no settings file of its own.
    # While Redis is away, channels_redis would log a traceback a second; the hub's link says once that it is.
    # Django's own handler would log each of its errors a second time.
    "loggers": {
        "pynamodb": {"level": "WARNING"},
        "channels_redis": {"level": "CRITICAL"},
        "django": {"handlers": [], "level": "NOTSET"},
        # Below, it writes whatever a page was given: what was typed into a form, or the token of a link.
        "django.template": {"level": "INFO"},
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "INFO")},
}

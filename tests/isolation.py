"""A pytest plugin, loaded before Django's settings: every worker has tables, keys and files of its own."""

import os
import secrets

_run = os.environ.setdefault("TEST_RUN", secrets.token_hex(4))
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["NAMESPACE"] = f"test-{_run}-{_worker}"
os.environ["MONGODB_DATABASE"] = f"test-{_run}-{_worker}"
# The developer's own settings must not decide a test.
os.environ["ENV_FILE"] = os.devnull
for _name in ("CLERK_ISSUER", "CLERK_JWT_KEY", "CLERK_JWKS_URL", "HOST", "PUBLIC_URL", "ALLOWED_HOSTS"):
    os.environ.pop(_name, None)
os.environ["SIGN_IN"] = "trial"
os.environ["DEBUG"] = "1"
# Nor may a limit: the tests of limits set their own, and count on a busy machine too.
os.environ["RATE_LIMITS"] = "off"
os.environ["RATE_LIMIT_TIMEOUT"] = "5"

"""Checks the settings before anything is served, and keeps passwords out of logs."""

import json

from django.apps import AppConfig
from django.conf import settings

from foundation.cleansing import cleanse_logs, cleanse_tracebacks, hide


class ChatprojectConfig(AppConfig):
    name = "chatproject"

    def ready(self) -> None:
        addresses = (settings.REDIS_URL, settings.MONGODB_URI, settings.DYNAMODB_URL or "")
        aws = (settings.DYNAMODB_SECRET_ACCESS_KEY or "", settings.DYNAMODB_SESSION_TOKEN or "")
        keys = (*aws, settings.SECRET_KEY, settings.EMAIL_HOST_PASSWORD, settings.LOCAL_ISSUER_KEY)
        hide([*addresses, json.dumps(settings.CHANNEL_LAYERS, default=str)], secrets=keys)
        cleanse_logs()
        cleanse_tracebacks()
        # Not a system check: uvicorn does not run those. Models of other apps are not loaded before `ready`.
        from .configuration import require_usable_settings

        require_usable_settings()

"""Who administers the workspace: the users that the setting ADMINS names by their ids."""

from django.conf import settings


def is_administrator(user_id: str) -> bool:
    return user_id in settings.ADMINISTRATORS

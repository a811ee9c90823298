"""The ids of teams, which a mention has in the place of a user's."""

# No user's id begins so.
PREFIX = "team:"


def is_team_id(value: str) -> bool:
    return value.startswith(PREFIX)

"""Times to come, for inputs."""

from datetime import UTC, datetime, timedelta


def in_a_day() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()

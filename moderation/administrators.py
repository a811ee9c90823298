"""Who decides: administrators, but never of themselves, nor of what they have written."""

from workspace.audit.access import require_administrator

from users.administrators import administrator_ids, is_administrator

__all__ = ["administrator_ids", "is_administrator", "require_administrator"]

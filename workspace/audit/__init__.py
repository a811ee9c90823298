"""The audit log: who has done which administrative act, when, from where, and about what, by ids alone.

`record` notes an act that has been done; `queue` keeps what waits to be stored, `refusals` merges what strangers may
repeat without end, `sweeping` deletes what is too old. `rows` maps the table, `models` has its queries; `selectors`
reads for administrators, `services` export. docs/decisions/0052 says what may be lost.
"""

from .queue import close_audit, drain
from .recording import record

__all__ = ["close_audit", "drain", "record"]

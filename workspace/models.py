"""The row of the settings, and its queries. Each raises what `store.call` raises."""

from collections.abc import Mapping

from pynamodb.expressions.update import Action

from dynamodb import store

from .rows import SETTINGS, WORKSPACE, WorkspaceRow
from .settings import AUDIENCES, DEFAULTS, NAME, Workspace


async def load() -> Workspace:
    """Return the settings by a strongly consistent read."""

    def read() -> WorkspaceRow | None:
        try:
            return WorkspaceRow.get(WORKSPACE, SETTINGS, consistent_read=True)
        except WorkspaceRow.DoesNotExist:
            return None

    row = await store.call(read)
    return _to_workspace(row or WorkspaceRow(WORKSPACE, SETTINGS))


async def change(fields: Mapping[str, str | None]) -> Workspace:
    """Write these settings (`name`, `logo_id` or what they permit), None for none, and return all."""
    row = WorkspaceRow(WORKSPACE, SETTINGS)
    actions: list[Action] = [WorkspaceRow.version.add(1)]
    for name, value in fields.items():
        attribute = getattr(WorkspaceRow, name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    await store.call(row.update, actions)
    return _to_workspace(row)


async def replace_logo(logo_id: str | None, *, instead_of: str | None) -> Workspace | None:
    """Write another logo, None for none, and return the settings; None unless it was `instead_of` until now."""
    row, logo = WorkspaceRow(WORKSPACE, SETTINGS), WorkspaceRow.logo_id
    actions: list[Action] = [logo.set(logo_id) if logo_id else logo.remove(), WorkspaceRow.version.add(1)]
    same = logo == instead_of if instead_of else logo.does_not_exist()
    try:
        await store.call(row.update, actions, same)
    except store.ConditionFailed:
        return None
    return _to_workspace(row)


def _to_workspace(row: WorkspaceRow) -> Workspace:
    chosen = {act: getattr(row, act) for act in DEFAULTS}
    audiences = {act: value if value in AUDIENCES else DEFAULTS[act] for act, value in chosen.items()}
    return Workspace(row.name or NAME, row.logo_id, audiences, int(row.version or 0))

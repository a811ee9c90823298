"""The judge of a delivery check: which of the promises the evidence breaks. It asks nobody and waits for nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from .evidence import Evidence, Mark, Picture, Told

LOST, TWICE, ORDER, DIFFERENT = "lost", "twice", "order", "different"
PICTURE, MARK, UNREAD, OUTSIDER, ODD = "picture", "read mark", "unread", "outsider", "odd"


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: its kind, whose or where, and what was seen."""

    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.what}"


def judge(evidence: Evidence) -> list[Violation]:
    """Return everything that breaks a promise, the gravest first."""
    return [
        *_acknowledged_are_stored_once(evidence),
        *_logs_have_no_holes(evidence),
        *_everybody_is_told_the_log(evidence),
        *_pictures_are_the_fresh_one(evidence),
        *_nobody_hears_more_after_leaving(evidence),
        *_marks_go_forward(evidence.marks),
        *_unread_is_exact(evidence),
        *(Violation(ODD, "client", what) for what in evidence.oddities),
    ]


def _acknowledged_are_stored_once(evidence: Evidence) -> Iterator[Violation]:
    for group_id, log in evidence.logs.items():
        sends = Counter((told.author, told.client_id) for told in log if told.client_id)
        for (author, client_id), times in sends.items():
            if times > 1:
                yield Violation(TWICE, group_id, f"{author}'s {client_id} is stored {times} times")
        stored = {(told.author, told.client_id): told for told in log if told.client_id}
        for ack in evidence.acks:
            if ack.group_id != group_id:
                continue
            found = stored.get((ack.author, ack.client_id))
            if found is None:
                yield Violation(LOST, group_id, f"{ack.client_id} was acknowledged as {ack.seq}, the log has it not")
            elif (found.message_id, found.seq) != (ack.message_id, ack.seq):
                yield Violation(
                    DIFFERENT, group_id, f"{ack.client_id} was acknowledged as {ack.seq}, it is {found.seq}"
                )


def _logs_have_no_holes(evidence: Evidence) -> Iterator[Violation]:
    for group_id, log in evidence.logs.items():
        start = evidence.starts[group_id]
        if [told.seq for told in log] != list(range(start + 1, start + 1 + len(log))):
            yield Violation(ORDER, group_id, "the log read over HTTP is not one seq after the other")


def _everybody_is_told_the_log(evidence: Evidence) -> Iterator[Violation]:
    for client, groups in evidence.told.items():
        for group_id, told in groups.items():
            skipped = evidence.skipped.get(client, {}).get(group_id, ())
            log = [change for change in evidence.logs[group_id] if change.seq not in skipped]
            if told != log:
                yield from _differences(f"{client} in {group_id}", told, log)


def _differences(where: str, told: list[Told], log: list[Told]) -> Iterator[Violation]:
    times = Counter(change.seq for change in told)
    known = {change.seq: change for change in log}
    if missing := [seq for seq in known if seq not in times]:
        yield Violation(LOST, where, f"never told: {_short(missing)}")
    if doubled := [seq for seq, count in times.items() if count > 1]:
        yield Violation(TWICE, where, f"told more than once: {_short(doubled)}")
    order = [change.seq for change in told]
    if late := [after for before, after in pairwise(order) if after < before]:
        yield Violation(ORDER, where, f"told after a later one: {_short(late)}")
    if other := [change.seq for change in told if known.get(change.seq) != change]:
        yield Violation(DIFFERENT, where, f"not what the log says: {_short(other)}")


def _pictures_are_the_fresh_one(evidence: Evidence) -> Iterator[Violation]:
    for client, groups in evidence.pictures.items():
        for group_id, picture in groups.items():
            if evidence.skipped.get(client, {}).get(group_id):
                continue
            if wrong := list(_wrong(picture, evidence.fresh[group_id])):
                yield Violation(PICTURE, f"{client} in {group_id}", f"not as read anew: {_short(wrong)}")


def _wrong(picture: Picture, fresh: Picture) -> Iterator[str]:
    for message_id in picture.messages.keys() | fresh.messages.keys():
        mine, theirs = picture.messages.get(message_id), fresh.messages.get(message_id)
        if mine != theirs:
            fields = {
                key for key in {**(mine or {}), **(theirs or {})} if (mine or {}).get(key) != (theirs or {}).get(key)
            }
            yield f"{message_id} ({', '.join(sorted(fields)) if mine and theirs else 'missing' if theirs else 'extra'})"


def _nobody_hears_more_after_leaving(evidence: Evidence) -> Iterator[Violation]:
    for visit in evidence.visits:
        log = evidence.logs[visit.group_id]
        last = next((change for change in reversed(log) if visit.user_id in change.joined + change.left), None)
        # A request to let somebody in that hung for long may be done after they were put out.
        if last is None or visit.user_id not in last.left:
            continue
        if after := [seq for seq in visit.told if seq > last.seq]:
            what = f"left with {last.seq} and was told {_short(after)}"
            yield Violation(OUTSIDER, f"{visit.user_id} in {visit.group_id}", what)


def _marks_go_forward(marks: Iterable[Mark]) -> Iterator[Violation]:
    """Hold only what was asked after another answer against that answer: two at once have no order."""
    by_place: dict[tuple[str, str], list[Mark]] = defaultdict(list)
    for mark in marks:
        by_place[mark.user_id, mark.group_id].append(mark)
    for (user_id, group_id), mine in by_place.items():
        answered = sorted(mine, key=lambda mark: mark.answered_at)
        reached = done = 0
        for mark in sorted(mine, key=lambda mark: mark.asked_at):
            while done < len(answered) and answered[done].answered_at < mark.asked_at:
                reached = max(reached, answered[done].read)
                done += 1
            if mark.read < max(reached, mark.wanted):
                what = f"at {mark.read}, after {reached} and moved to {mark.wanted}"
                yield Violation(MARK, f"{user_id} in {group_id}", what)


def _unread_is_exact(evidence: Evidence) -> Iterator[Violation]:
    for count in evidence.counts:
        log = evidence.logs[count.group_id]
        if count.read >= evidence.starts[count.group_id]:
            exact = sum(told.top_level for told in log if told.seq > count.read)
            if count.unread != exact:
                what = f"{count.unread} unread after {count.read}, there are {exact}"
                yield Violation(UNREAD, f"{count.user_id} in {count.group_id}", what)


def _short(things: list[int] | list[str]) -> str:
    return ", ".join(map(str, things[:5])) + (f" and {len(things) - 5} more" if len(things) > 5 else "")

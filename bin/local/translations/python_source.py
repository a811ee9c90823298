"""Sentences of Python: what is given to gettext, and what services say to people in their errors.

A service says it in English, to whoever calls it; pages translate it at the door (web/said.py).
"""

import ast
from collections.abc import Iterator

from .found import Sentence

_GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop"}
_NGETTEXT = {"ngettext", "ngettext_lazy"}
_PGETTEXT = {"pgettext", "pgettext_lazy"}
# What a field says of itself, by DRF's name for it.
_TABLE = "error_messages"
_FIELDS = "fields"
# Calls whose sentences go to logs, to terminals and to developers.
_FOR_OPERATORS = {"debug", "info", "warning", "error", "exception", "append", "write", "CommandError"}
_FOR_OPERATORS |= {"ImproperlyConfigured", "RuntimeError", "TypeError", "ValueError", "OpenApiParameter"}


def sentences_given(path: str, tree: ast.AST) -> Iterator[Sentence]:
    """Yield what is given to a function of gettext's."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name, texts = _called(node), [_text(argument) for argument in node.args]
        if name in _GETTEXT and texts[0]:
            yield Sentence(path, texts[0])
        elif name in _NGETTEXT and texts[0]:
            yield Sentence(path, texts[0], plural=texts[1])
        elif name in _PGETTEXT and texts[1]:
            yield Sentence(path, texts[1], context=texts[0])


def sentences_said(path: str, tree: ast.AST, errors: set[str]) -> Iterator[Sentence]:
    """Yield what a service says: the messages of these classes of errors, of their fields, and of serializers."""
    for node in ast.walk(tree):
        for said in _said(node, errors):
            if (text := _text(said)) and " " in text:
                yield Sentence(path, text)


def _said(node: ast.AST, errors: set[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and _called(node) in errors:
        yield from node.args[:1]
    if isinstance(node, ast.Call) and _called(node) == "ValidationError":
        yield from _inside(node.args[0])
    if isinstance(node, ast.keyword) and node.arg in (_FIELDS, _TABLE):
        yield from _inside(node.value)
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and _is_table(node):
        yield from _inside(node.value)
    yield from filter(_is_sentence, _kept(node))


def _kept(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what becomes a message elsewhere: constants, what functions return, and what they are given."""
    if isinstance(node, ast.Assign | ast.Return) and node.value:
        yield from _inside(node.value)
    if isinstance(node, ast.Call) and not _is_for_operators(node):
        yield from node.args


def _is_sentence(node: ast.expr) -> bool:
    text = _text(node) or ""
    return text[:1].isupper() and " " in text and text.endswith(".")


def _is_for_operators(node: ast.Call) -> bool:
    return _called(node) in _FOR_OPERATORS


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = {target.id for target in targets if isinstance(target, ast.Name)}
    return bool(names & {"default_message", "default_error_messages", "message"})


def _inside(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what stands in lists and as values of dictionaries."""
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _inside(value)
    elif isinstance(node, ast.List | ast.Tuple):
        for value in node.elts:
            yield from _inside(value)
    else:
        yield node


def error_classes(trees: list[ast.Module]) -> set[str]:
    """Return the names of AppError and of all classes below it."""
    known = {"AppError"}
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for _ in classes:
        below = {each.name for each in classes if {_name(base) for base in each.bases} & known}
        if below <= known:
            break
        known |= below
    return known


def _called(node: ast.Call) -> str:
    return _name(node.func)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str | None:
    """Return a text that stands in the source; what an f-string fills in is `{0}`, `{1}` and so on."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts, gaps = [], 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            parts.append(f"{{{gaps}}}")
            gaps += 1
    return "".join(parts)

"""The project's Python source, read as syntax trees: what the conventions of the code look at."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeAlias

PROJECT = Path(__file__).parents[1]
PRODUCT = ("accounts", "photos", "social", "minigram_site", "infra")
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Documented: TypeAlias = ast.Module | ast.ClassDef | Function

# Words that point at a neighbour instead of naming a subject.
POINTER = r"(?:the (?:very )?same|as above|likewise|similarly|ditto|as before)"
NO_NOUN = r"(?=$|[,.;:]|\s+(?:and|as|at|but|by|for|from|if|in|of|on|once|to|when|where|with)\b)"
POINTING = re.compile(
    rf"^{POINTER}\b"  # "The same for …"
    rf"|^\w+ (?:it )?{POINTER}{NO_NOUN}"  # "Return the same, and …", but not "Return the same row"
    r"|^do (?:so|that|this|it|the same)\b"
    r"|\b(?:as above|likewise)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Module:
    """One file of Python: ``name`` is its path in the project."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax of the file; parsed once."""
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        """How many lines the file has."""
        return self.text.count("\n")


def modules(*folders: str) -> list[Module]:
    """Return all modules below ``folders``, in the order of their paths; migrations left out."""
    return [module for folder in folders for module in _below(folder)]


@cache
def _below(folder: str) -> list[Module]:
    paths = sorted((PROJECT / folder).rglob("*.py"))
    return [
        Module(path.relative_to(PROJECT).as_posix(), path.read_text())
        for path in paths
        if "migrations" not in path.parts
    ]


def documented(tree: ast.Module) -> Iterator[Documented]:
    """Yield everything that may have a docstring: the module, its classes, its functions."""
    for node in ast.walk(tree):
        if isinstance(node, Documented):
            yield node


def summary(node: Documented) -> str:
    """Return the first sentence of a docstring, in one line; empty without a docstring."""
    text = " ".join((ast.get_docstring(node) or "").split())
    return re.split(r"(?<=[.!?])\s", text)[0]


def points_elsewhere(node: Documented) -> bool:
    """Tell whether the summary has a word for a neighbour as its subject (see ``POINTING``)."""
    return bool(POINTING.search(summary(node)))


def public_functions(node: ast.AST) -> Iterator[Function]:
    """Yield the functions of a module and the methods of its classes that have public names.

    Functions inside functions, members of private classes and methods with double underscores
    are no interface of the module.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from public_functions(child)
        elif isinstance(child, Function) and not child.name.startswith("_"):
            yield child
        elif isinstance(child, ast.If | ast.Try):
            yield from public_functions(child)


def raised(function: Function) -> set[str]:
    """Return the names of the exception classes that the body of ``function`` itself raises.

    ``raise Name``, ``raise Name(…)`` and ``raise module.Name(…)`` count. A bare ``raise``,
    ``raise error`` and ``raise function(…)`` name no class. What a ``try`` around it catches does
    not leave the function. ``NotImplementedError`` marks what a subclass defines.
    """
    return set(_raised(function.body, frozenset())) - {"NotImplementedError"}


def _raised(nodes: list[ast.stmt], caught: frozenset[str]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Raise):
            name = _class_name(node.exc)
            if name and not _is_caught(name, caught):
                yield name
        elif isinstance(node, ast.Try | ast.TryStar):
            handled = frozenset(name for handler in node.handlers for name in _catches(handler))
            yield from _raised(node.body, caught | handled)
            yield from _raised(_after(node), caught)
        elif not isinstance(node, ast.ClassDef | Function):
            yield from _raised(_inner(node), caught)


def _after(node: ast.Try | ast.TryStar) -> list[ast.stmt]:
    """Return the statements of a ``try`` that its handlers do not guard."""
    handlers = [statement for handler in node.handlers for statement in handler.body]
    return [*handlers, *node.orelse, *node.finalbody]


def _inner(node: ast.stmt) -> list[ast.stmt]:
    """Return the statements directly inside a compound statement, also those of ``case``."""
    inner = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            inner.append(child)
        elif isinstance(child, ast.match_case):
            inner.extend(child.body)
    return inner


def _class_name(node: ast.expr | None) -> str:
    """Return the class that an expression names or calls; empty if it names none."""
    if isinstance(node, ast.Call):
        node = node.func
    name = node.id if isinstance(node, ast.Name) else ""
    if isinstance(node, ast.Attribute):
        name = node.attr
    return name if name[:1].isupper() else ""


def _catches(handler: ast.ExceptHandler) -> Iterator[str]:
    """Yield the names of the classes that an ``except`` clause catches."""
    if handler.type is None:
        yield "BaseException"
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    yield from filter(None, map(_class_name, types))


def _is_caught(name: str, caught: frozenset[str]) -> bool:
    """Tell whether one of ``caught`` is the class or, as far as Python itself knows, its base."""
    own = getattr(builtins, name, Exception)
    bases = {base.__name__ for base in own.__mro__} if isinstance(own, type) else set()
    return bool(caught & (bases | {name}))


def renamed_modules(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted names of the project's own modules that are imported by another name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        parent = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            full = parent + alias.name
            if alias.asname not in (None, full.rpartition(".")[2]) and _is_ours(full):
                yield full


def _is_ours(dotted: str) -> bool:
    """Tell whether the project has a module or package of that name."""
    path = PROJECT.joinpath(*dotted.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def modules_per_folder(*folders: str) -> Counter[str]:
    """Return how many modules each folder holds; ``__init__.py`` is the folder itself."""
    names = [module.name for module in modules(*folders)]
    return Counter(name.rpartition("/")[0] for name in names if not name.endswith("__init__.py"))


def acts_after_invalidating(function: Function) -> list[int]:
    """Return the lines where ``function`` calls anything after it has invalidated entries.

    Further invalidation, the deletion of files after the commit, what is returned or raised, and
    what comes after the ``with`` of the transaction are allowed.
    """
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    marks = [call for call in calls if _called(call).startswith("invalidate")]
    if not marks:
        return []
    begun = min(call.end_lineno or call.lineno for call in marks)
    allowed = [*marks, *(node for node in ast.walk(function) if _ends(node))]
    later = [call for call in calls if begun < call.lineno <= _end_of_block(function, begun)]
    return sorted(
        call.lineno
        for call in later
        if _called(call) != "delete_on_commit" and not any(_holds(node, call) for node in allowed)
    )


def _ends(node: ast.AST) -> bool:
    return isinstance(node, ast.Return | ast.Raise)


def _end_of_block(function: Function, line: int) -> int:
    """Return the last line of the ``with`` around ``line``, or of the function."""
    blocks = [node for node in ast.walk(function) if isinstance(node, ast.With)]
    ends = [
        node.end_lineno or 0 for node in blocks if node.lineno <= line <= (node.end_lineno or 0)
    ]
    return min(ends, default=function.end_lineno or line)


def _holds(outer: ast.AST, call: ast.Call) -> bool:
    return any(node is call for node in ast.walk(outer))


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""

"""What a template reads: the variables that whoever renders it has to give.

A fragment is kept under the values it is given. One that reads anything else would show it to
everybody who is given equal values, so it is refused: ``{% fragment %}`` looks before it renders
a fragment for the first time, and a test looks at every fragment of the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db.models import Model
from django.template import Engine, Template, TemplateSyntaxError
from django.template.base import FilterExpression, Node, NodeList, TokenType, Variable
from django.template.defaulttags import ForNode, IfNode, NowNode, WithNode
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.templatetags.i18n import BlockTranslateNode
from django.utils.safestring import SafeData

# What every template knows. The token against request forgery is filled in when a fragment is sent.
_ALWAYS = frozenset({"True", "False", "None", "csrf_token"})
# Filters whose result changes while time passes.
_OF_TIME = {"ago", "timesince", "timeuntil", "naturaltime", "naturalday"}
# Values that cannot change, and look the same whenever they are equal.
_PLAIN = (str, bytes, int, float, bool, date, type(None))


def require_given(template: Template, names: Iterable[str], engine: Engine) -> None:
    """Raise ``TemplateSyntaxError`` if a fragment reads what is not among the ``names`` given.

    Also if it shows something that changes while time passes.
    """
    reader = _Reader(engine)
    missing = sorted(reader.free_in(template.nodelist, _ALWAYS | set(names)))
    if missing:
        raise TemplateSyntaxError(
            f"The fragment {template.name} reads {', '.join(missing)}: give it to"
            " {% fragment %}, by which it is found again."
        )
    if reader.of_time:
        raise TemplateSyntaxError(
            f"The fragment {template.name} shows what passes with time ({reader.of_time}): give it"
            " the text instead."
        )


def require_plain(name: str, value: Any) -> None:
    """Raise ``TypeError`` unless a value can be compared and is all that it shows.

    An instance of a model equals any other state of its row, and text that is marked as safe
    equals text that is not.
    """
    if isinstance(value, tuple):
        for part in value:
            # Nearly all are exactly of one of these types.
            if type(part) not in _PLAIN:
                require_plain(name, part)
    elif isinstance(value, SafeData | Model) or not isinstance(value, _PLAIN):
        raise TypeError(
            f"A fragment cannot be found again by {name}, a {type(value).__name__}: give it texts,"
            " numbers, times, or (named) tuples of them."
        )


class _Reader:
    """Finds the variables that nodes read and do not set themselves."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # A filter or tag that shows something which passes with time.
        self.of_time = ""

    def free_in(self, nodes: Iterable[Node], known: frozenset[str]) -> set[str]:
        """Return the names that ``nodes`` read, beside those ``known`` before them."""
        free: set[str] = set()
        for node in nodes:
            free |= self._free_in_node(node, known)
            known |= set(_assigned_by(node))
        return free

    def _free_in_node(self, node: Node, known: frozenset[str]) -> set[str]:
        if isinstance(node, ExtendsNode):
            raise TemplateSyntaxError("A fragment cannot extend a template.")
        if isinstance(node, NowNode):
            self.of_time = "now"
        if getattr(node, "takes_context", False):
            tag = getattr(getattr(node, "func", None), "__name__", "")
            raise TemplateSyntaxError(
                f"A fragment cannot use {tag}, which reads the page's context."
            )
        lists = {name: getattr(node, name) for name in node.child_nodelists if hasattr(node, name)}
        skipped = {*lists, "nodelist", "token", "origin", "parent"}
        own = {name: part for name, part in vars(node).items() if name not in skipped}
        read = {*self._names_in(own), *_read_by_sentence(node)}
        free = {name for name in read if name not in known}
        inner = known
        if isinstance(node, ForNode):
            inner |= {*node.loopvars, "forloop"}
        elif isinstance(node, WithNode):
            inner |= set(node.extra_context)
        elif isinstance(node, IncludeNode):
            free |= self._free_in_included(node, known)
        for children in lists.values():
            free |= self.free_in(children, inner)
        return free

    def _free_in_included(self, node: IncludeNode, known: frozenset[str]) -> set[str]:
        name = node.template.var
        if not isinstance(name, str):
            raise TemplateSyntaxError("A fragment includes templates by their names only.")
        given = frozenset(node.extra_context) | (_ALWAYS if node.isolated_context else known)
        return self.free_in(self.engine.get_template(name).nodelist, given)

    def _names_in(self, part: Any) -> Iterator[str]:
        """Yield the first names of all variables in what a node is made of."""
        if isinstance(part, Variable):
            yield from (part.lookups or ())[:1]
        for inner in self._parts_of(part):
            yield from self._names_in(inner)

    def _parts_of(self, part: Any) -> Iterable[Any]:
        """Return what an expression, a condition or a container consists of."""
        if isinstance(part, FilterExpression):
            self._note_filters(part)
            arguments = (value for _, given in part.filters for _, value in given)
            return [part.var, *arguments]
        if isinstance(part, dict):
            return list(part.values())
        if isinstance(part, list | tuple) and not isinstance(part, NodeList):
            return part
        # An operator of ``{% if %}``, or the value that it compares.
        inner = (getattr(part, name, None) for name in ("value", "first", "second"))
        return [one for one in inner if one is not None]

    def _note_filters(self, expression: FilterExpression) -> None:
        for function, _ in expression.filters:
            name = getattr(function, "_filter_name", "")
            if name in _OF_TIME:
                self.of_time = name


def _read_by_sentence(node: Node) -> set[str]:
    """Return the names that the sentence of a ``{% blocktranslate %}`` takes from around it."""
    if not isinstance(node, BlockTranslateNode):
        return set()
    tokens = [*node.singular, *(node.plural or ())]
    names = {token.contents.split(".")[0] for token in tokens if token.token_type == TokenType.VAR}
    return names - {*node.extra_context, node.countervar}


def _assigned_by(node: Node) -> Iterator[str]:
    """Yield the names that a tag sets for what follows it (``as name``), in ``{% if %}`` too."""
    for attribute in ("target_var", "asvar", "varname", "variable_name", "variable"):
        name = getattr(node, attribute, None)
        if isinstance(name, str):
            yield name
    if isinstance(node, IfNode):
        for child in node:
            yield from _assigned_by(child)

"""The source keeps the rules of the house: read as syntax trees, nothing is run."""

from __future__ import annotations

import ast
import re

import pytest

from tests.source import (
    PRODUCT,
    PROJECT,
    Function,
    acts_after_invalidating,
    documented,
    modules,
    modules_per_folder,
    points_elsewhere,
    public_functions,
    raised,
    renamed_modules,
)

MOST_LINES = 350
MOST_MODULES = 14
# One file per command, one per change of the database: their number is not a matter of taste.
LISTS_OF_FILES = ("management/commands", "migrations")


def test_a_public_function_that_raises_names_the_exception() -> None:
    silent = [
        f"{module.name}:{function.lineno} {function.name} raises {name}"
        for module in modules(*PRODUCT)
        for function in public_functions(module.tree)
        for name in sorted(raised(function))
        if not re.search(rf"\b{name}\b", ast.get_docstring(function) or "")
    ]
    assert silent == []


def test_a_docstring_names_its_subject() -> None:
    pointing = [
        f"{module.name}:{getattr(node, 'lineno', 1)}"
        for module in modules(*PRODUCT)
        for node in documented(module.tree)
        if points_elsewhere(node)
    ]
    assert pointing == []


def test_the_formatter_has_the_last_word() -> None:
    kept = [
        f"{module.name}:{number}"
        for module in modules(*PRODUCT, "tests")
        for number, line in enumerate(module.text.splitlines(), 1)
        if re.search(r"#\s*fmt\s*:\s*\w", line)
    ]
    assert kept == []


def test_no_file_is_long() -> None:
    long = {
        module.name: module.lines
        for module in modules(*PRODUCT, "tests")
        if module.lines > MOST_LINES
    }
    assert long == {}


def test_no_script_style_sheet_or_template_is_long() -> None:
    suffixes = ("static/**/*.js", "static/**/*.css")
    files = [path for suffix in suffixes for path in PROJECT.glob(f"minigram_site/{suffix}")]
    files += PROJECT.glob("templates/**/*.html")
    # photos.css is taken apart.
    ours = [each for each in files if "vendor" not in each.parts and each.name != "photos.css"]
    lines = {path.name: path.read_text().count("\n") for path in ours}
    assert lines
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_folder_is_crowded() -> None:
    crowded = {
        folder: count
        for folder, count in modules_per_folder(*PRODUCT, "tests").items()
        if count > MOST_MODULES and not folder.endswith(LISTS_OF_FILES)
    }
    assert crowded == {}


def test_a_module_keeps_its_name_where_it_is_imported() -> None:
    renamed = [
        f"{module.name}: {name}"
        for module in modules(*PRODUCT, "tests")
        for name in renamed_modules(module.tree)
    ]
    assert renamed == []


def function(text: str) -> Function:
    """Return the first function of some source."""
    return next(public_functions(ast.parse(text)))


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("raise KeyError(1)", {"KeyError"}),
        ("raise Http404", {"Http404"}),
        ("if x:\n  for y in z:\n   with a: raise errors.Gone from None", {"Gone"}),
        ("match x:\n  case 1: raise ValueError", {"ValueError"}),
        ("try: f()\n except KeyError as e: raise Gone from e", {"Gone"}),
        ("try: raise KeyError\n except LookupError: pass", set()),
        ("try: raise Gone\n except Gone: pass", set()),
        ("try: raise Gone\n except: pass", set()),
        ("try: raise Gone\n except KeyError: pass", {"Gone"}),
        ("try: f()\n except Gone: raise", set()),
        ("try: f()\n except Gone as error: raise error", set()),
        ("def inner(): raise Gone", set()),
        ("raise refusal(1)", set()),
        ("raise NotImplementedError", set()),
    ],
)
def test_what_a_function_raises_is_found(body: str, names: set[str]) -> None:
    assert raised(function(f"def f():\n {body}\n")) == names


@pytest.mark.parametrize(
    ("docstring", "points"),
    [
        ("Return the same, and with it the age.", True),
        ("The same for many.", True),
        ("Do the same for very many.", True),
        ("Likewise for followers.", True),
        ("Return the count, as above.", True),
        ("Return the row with the same key.", False),
        ("Return the same row for equal keys.", False),
        ("Paint a portrait, the same for the same number.", False),
    ],
)
def test_a_docstring_that_points_elsewhere_is_found(docstring: str, points: bool) -> None:
    assert points_elsewhere(function(f'def f():\n """{docstring}"""\n')) is points


def test_a_renamed_module_is_found_and_a_renamed_class_is_not() -> None:
    source = "from accounts import services as s\nfrom accounts.models import User as U\n"
    assert list(renamed_modules(ast.parse(source))) == ["accounts.services"]


def test_members_of_private_classes_are_no_interface() -> None:
    source = "class _A:\n def f(self): ...\nclass B:\n def g(self): ...\n def _h(self): ...\n"
    assert [each.name for each in public_functions(ast.parse(source))] == ["g"]


def test_a_function_that_writes_invalidates_last() -> None:
    late = [
        f"{module.name}:{line}"
        for module in modules("accounts", "photos", "social")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef)
        for line in acts_after_invalidating(node)
    ]
    assert late == []


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("row.save()\n invalidate('a')\n delete_on_commit(row.names)\n return row", []),
        ("cache.invalidate_photo(key(1))\n row.save()", [3]),
        ("cache.invalidate_like(1)\n _count_likes(1)", [3]),
        ("if row:\n  invalidate_many(row)\n other.update()", [4]),
    ],
)
def test_what_comes_after_the_invalidation_is_found(body: str, lines: list[int]) -> None:
    assert acts_after_invalidating(function(f"def f(row):\n {body}\n")) == lines

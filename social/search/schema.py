"""The index of search in each database: derived by the database itself from the rows.

Nothing that writes a row has to know of it, whether the ORM, a bulk insert or a person with a
console. On PostgreSQL a generated column holds the words of a row (``words``), with a GIN index;
the inside of names and tags is found by trigrams, if the extension pg_trgm can be had. On SQLite it
is tables of FTS5 that follow by triggers, without a copy of the texts. (PostgreSQL 17
documentation, 12 "Full Text Search" and F.33 "pg_trgm"; SQLite documentation, "SQLite FTS5
Extension", 4.4.3.)

The index knows words, and nothing of who may see them: that is asked of the rows, at each search.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from social.search.typed import UNSPACED

logger = logging.getLogger("minigram.search")

# The text search configuration of column, index and query: no stop words, no stems.
CONFIG = "pg_catalog.simple"
# Of one row so many characters are indexed: far below what a tsvector can hold.
MAX_TEXT = 20_000
# The further pictures of a photo whose descriptions are indexed on SQLite, which cannot read a list
# of any length there (FTS5 takes no text from table-valued functions).
MAX_FURTHER = 9
# How names and tags are indexed on PostgreSQL. Left to itself a GIN index gathers new rows in a
# list that each search reads to its end, and which the planner avoids by reading the whole table.
# Names are searched with each key that is pressed, and written seldom.
DIRECT = "fastupdate = off"


class Index(NamedTuple):
    """The index of one table: what of a row it holds, and where inside of words is looked."""

    name: str
    table: str
    columns: tuple[str, ...]
    # The text of a row in the SQL of each database.
    postgresql: str
    sqlite: str
    # The columns in which parts of words are found.
    letters: tuple[str, ...] = ()

    @property
    def words_table(self) -> str:
        """The table of FTS5 with the words; its rowid is the id."""
        return f"social_search_{self.name}"

    @property
    def letters_table(self) -> str:
        """The table of FTS5 with the trigrams; its rowid is the id."""
        return f"social_search_{self.name}_letters"

    @property
    def words_index(self) -> str:
        """The GIN index of PostgreSQL on the words."""
        return f"search_{self.name}_words"

    @property
    def letters_index(self) -> str:
        """The GIN index of PostgreSQL on the trigrams."""
        return f"search_{self.name}_letters"


_FURTHER = "".join(
    f" || coalesce(' ' || json_extract(more, '$[{place}].alt_text'), '')"
    for place in range(MAX_FURTHER)
)
PHOTO = Index(
    "photo",
    "photos_photo",
    ("caption", "alt_text", "more"),
    "caption || ' ' || alt_text || ' ' || social_search_alt_texts(more)",
    f"caption || ' ' || alt_text{_FURTHER}",
)
PERSON = Index(
    "person",
    "accounts_user",
    ("username", "display_name"),
    "username || ' ' || display_name",
    "username || char(10) || display_name",
    letters=("username", "display_name"),
)
TAG = Index("tag", "photos_tag", ("key",), "key", "key", letters=("key",))
INDEXES = (PHOTO, PERSON, TAG)


def create(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the index of all tables: the forward step of a migration."""
    connection = schema_editor.connection
    if connection.vendor == "postgresql":
        for statement in _postgresql():
            schema_editor.execute(statement, None)
        if has_trigrams(connection):
            for statement in letters_statements():
                schema_editor.execute(statement, None)
        return
    for index in INDEXES:
        for statement in (*tables_statements(index), *trigger_statements(index)):
            schema_editor.execute(statement, None)


def drop(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the index: the way back. The extension stays, as something else may use it."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in _drop_postgresql() if is_postgresql else _drop_sqlite():
        schema_editor.execute(statement, None)


def has_trigrams(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether PostgreSQL has pg_trgm, after creating it where that is allowed.

    Without it names and tags are found by the beginnings of their words only. Two statements.
    """
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError as error:
        logger.warning("Search finds no parts of words: pg_trgm cannot be created (%s).", error)
        return False
    return True


def letters_statements(*, concurrently: bool = False) -> Iterator[str]:
    """Yield what creates the trigram indexes of PostgreSQL, where they are missing."""
    how = "CONCURRENTLY " if concurrently else ""
    for index in INDEXES:
        if index.letters:
            columns = ", ".join(f"{column} gin_trgm_ops" for column in index.letters)
            yield (
                f"CREATE INDEX {how}IF NOT EXISTS {index.letters_index} "
                f"ON {index.table} USING gin ({columns}) WITH ({DIRECT})"
            )


def tables_statements(index: Index) -> Iterator[str]:
    """Yield what creates the tables of FTS5, and the views that tell them the text of a row."""
    yield (
        f"CREATE VIEW {index.words_table}_text AS SELECT id, {_spaced(index.sqlite)} AS text "  # noqa: S608
        f"FROM {index.table}"
    )
    yield (
        f"CREATE VIRTUAL TABLE {index.words_table} USING fts5(text, "
        f"content='{index.words_table}_text', content_rowid='id', prefix='2 3', "
        'tokenize="unicode61 remove_diacritics 2")'
    )
    if index.letters:
        yield (
            f"CREATE VIEW {index.letters_table}_text AS "  # noqa: S608
            f"SELECT id, substr({index.sqlite}, 1, {MAX_TEXT}) AS text FROM {index.table}"
        )
        yield (
            f"CREATE VIRTUAL TABLE {index.letters_table} USING fts5(text, "
            f"content='{index.letters_table}_text', content_rowid='id', tokenize='trigram')"
        )


def trigger_statements(index: Index) -> Iterator[str]:
    """Yield what creates the triggers of SQLite.

    FTS5 has to be told what a row said before it goes or changes, and what it says afterwards. An
    insert that replaces a row (``INSERT OR REPLACE``) deletes without triggers: nothing here does.
    """
    changed = ", ".join(index.columns)
    for when, name, row, begin in (
        ("AFTER INSERT", "added", "NEW", ""),
        (f"BEFORE UPDATE OF {changed}", "changing", "OLD", "'delete', "),
        (f"AFTER UPDATE OF {changed}", "changed", "NEW", ""),
        ("BEFORE DELETE", "deleted", "OLD", "'delete', "),
    ):
        tables = [index.words_table, *([index.letters_table] if index.letters else [])]
        inserts = " ".join(
            f"INSERT INTO {table} ({f'{table}, ' if begin else ''}rowid, text) "  # noqa: S608
            f"SELECT {begin}id, text FROM {table}_text WHERE id = {row}.id;"
            for table in tables
        )
        yield (
            f"CREATE TRIGGER IF NOT EXISTS {trigger_name(index, name)} {when} ON {index.table} "
            f"BEGIN {inserts} END"
        )


TRIGGERS = ("added", "changing", "changed", "deleted")


def trigger_name(index: Index, event: str) -> str:
    """Return the name of a trigger of SQLite; ``event`` is one of ``TRIGGERS``."""
    return f"{index.words_table}_{event}"


def _spaced(text: str) -> str:
    """Return SQL of SQLite: the text with blanks around the characters of ``UNSPACED``."""
    unspaced = "".join(f"{first}-{last}" for first, last in UNSPACED)
    cut = f"substr({text}, 1, {MAX_TEXT})"
    # The text stands in the row of the recursion, or it would be put together for each character.
    return (
        f"CASE WHEN {cut} GLOB '*[{unspaced}]*' THEN ("  # noqa: S608
        f"WITH RECURSIVE walk(place, text) AS (SELECT 1, {cut} UNION ALL "
        "SELECT place + 1, text FROM walk WHERE place < length(text)) "
        f"SELECT group_concat(CASE WHEN substr(text, place, 1) GLOB '[{unspaced}]' "
        "THEN ' ' || substr(text, place, 1) || ' ' ELSE substr(text, place, 1) END, '') FROM walk"
        f") ELSE {cut} END"
    )


_PUNCTUATION = r"\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e"


def _plain(text: str) -> str:
    """Return SQL of PostgreSQL: the text in words that the parser takes as such.

    Without ASCII punctuation, of which the parser makes addresses, paths and numbers; with blanks
    around the characters of ``UNSPACED``; without the accents of Latin letters. No function of an
    extension, none that depends on a setting.
    """
    unspaced = "".join(rf"\U{ord(first):08x}-\U{ord(last):08x}" for first, last in UNSPACED)
    words = rf"regexp_replace({text}, '[{_PUNCTUATION}]+', ' ', 'g')"
    spaced = rf"regexp_replace({words}, '([{unspaced}])', ' \1 ', 'g')"
    bare = rf"regexp_replace(normalize({spaced}, NFD), '([A-Za-z])[\u0300-\u036f]+', '\1', 'g')"
    return f"normalize({bare}, NFC)"


def _postgresql() -> Iterator[str]:
    function = "CREATE FUNCTION {} LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ {} $$"
    yield function.format(
        "social_search_alt_texts(further jsonb) RETURNS text",
        "SELECT coalesce(string_agg(said #>> '{}', ' '), '') "
        "FROM jsonb_path_query(further, '$[*].alt_text') pictures(said)",
    )
    yield function.format(
        "social_search_words(said text) RETURNS tsvector",
        f"SELECT to_tsvector('{CONFIG}', {_plain(f'left(said, {MAX_TEXT})')})",
    )
    # Each term a phrase, whose last word may be the beginning of one if it has two letters.
    yield function.format(
        "social_search_query(typed text, beginnings boolean) RETURNS tsquery",
        "SELECT string_agg('(' || found.phrase || CASE WHEN beginnings AND "  # noqa: S608
        "found.phrase ~ '[^'']{2}''$' THEN ':*' ELSE '' END || ')', ' & ')::tsquery "
        f"FROM (SELECT phraseto_tsquery('{CONFIG}', {_plain('term')})::text AS phrase "
        "FROM regexp_split_to_table(typed, ' +') term) found WHERE found.phrase <> ''",
    )
    for index in INDEXES:
        yield (
            f"ALTER TABLE {index.table} ADD COLUMN words tsvector "
            f"GENERATED ALWAYS AS (social_search_words({index.postgresql})) STORED"
        )
        storage = f" WITH ({DIRECT})" if index.letters else ""
        yield f"CREATE INDEX {index.words_index} ON {index.table} USING gin (words){storage}"


def _drop_postgresql() -> Iterator[str]:
    for index in INDEXES:
        yield f"DROP INDEX IF EXISTS {index.letters_index}"
        yield f"ALTER TABLE {index.table} DROP COLUMN words"
    for function in ("alt_texts(jsonb)", "words(text)", "query(text, boolean)"):
        yield f"DROP FUNCTION social_search_{function}"


def _drop_sqlite() -> Iterator[str]:
    for index in INDEXES:
        for event in TRIGGERS:
            yield f"DROP TRIGGER {trigger_name(index, event)}"
        tables = [index.words_table, *([index.letters_table] if index.letters else [])]
        for table in tables:
            yield f"DROP TABLE {table}"
            yield f"DROP VIEW {table}_text"

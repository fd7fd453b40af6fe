"""Triggers that let nobody change or delete an entry of the moderation log, on both databases.

A row is refused to any statement, whoever sends it: the site, the admin, a person with ``psql``.
Only the owner of the table could drop the trigger. (PostgreSQL 17 documentation, 37 "Triggers";
SQLite documentation, "CREATE TRIGGER", RAISE.)
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_SENTENCE = "Entries of the moderation log are not changed or deleted."
_SQLITE = """
CREATE TRIGGER moderation_log_no_{event} BEFORE {event} ON social_moderationlogentry
BEGIN SELECT RAISE(ABORT, '{sentence}'); END
"""
_FUNCTION = """
CREATE FUNCTION moderation_log_is_final() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER moderation_log_is_final BEFORE UPDATE OR DELETE ON social_moderationlogentry
FOR EACH ROW EXECUTE FUNCTION moderation_log_is_final()
"""


def create(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers: the forward step of a migration."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_FUNCTION.format(sentence=_SENTENCE), None)
        schema_editor.execute(_POSTGRESQL, None)
        return
    for event in ("UPDATE", "DELETE"):
        schema_editor.execute(_SQLITE.format(event=event, sentence=_SENTENCE), None)


def drop(_apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Drop the triggers: the way back."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "DROP TRIGGER moderation_log_is_final ON social_moderationlogentry", None
        )
        schema_editor.execute("DROP FUNCTION moderation_log_is_final()", None)
        return
    for event in ("UPDATE", "DELETE"):
        schema_editor.execute(f"DROP TRIGGER moderation_log_no_{event}", None)

"""The database itself refuses to change or remove events, whoever asks through this application's account.

Whoever owns the database can take the triggers away; then the chain of digests still shows what was done.
"""

from __future__ import annotations

from typing import Any

_SQLITE = [
    """
    CREATE TRIGGER IF NOT EXISTS trail_event_no_update
    BEFORE UPDATE ON trail_event
    BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS trail_event_no_delete
    BEFORE DELETE ON trail_event
    BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END
    """,
    # REPLACE removes the row that is in its way without asking the trigger above.
    """
    CREATE TRIGGER IF NOT EXISTS trail_event_no_replace
    BEFORE INSERT ON trail_event
    WHEN EXISTS (
        SELECT 1 FROM trail_event WHERE id = NEW.id OR previous = NEW.previous OR digest = NEW.digest
    )
    BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END
    """,
]
_POSTGRESQL = [
    """
    CREATE OR REPLACE FUNCTION trail_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit trail only grows' USING ERRCODE = 'restrict_violation'; END
    $$
    """,
    """
    CREATE OR REPLACE TRIGGER trail_event_no_update
    BEFORE UPDATE OR DELETE ON trail_event
    FOR EACH ROW EXECUTE FUNCTION trail_only_grows()
    """,
    """
    CREATE OR REPLACE TRIGGER trail_event_no_delete
    BEFORE TRUNCATE ON trail_event
    FOR EACH STATEMENT EXECUTE FUNCTION trail_only_grows()
    """,
]
_TRIGGERS = {
    "sqlite": ("trail_event_no_update", "trail_event_no_delete", "trail_event_no_replace"),
    "postgresql": ("trail_event_no_update", "trail_event_no_delete"),
}


def protect(connection: Any) -> None:
    """Put the triggers in place; nothing happens if they are there."""
    with connection.cursor() as cursor:
        for statement in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)


def unprotect(connection: Any) -> None:
    """Take the triggers away: to restore a backup, and in tests that tamper."""
    on = " ON trail_event" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _TRIGGERS[connection.vendor]:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def is_protected(connection: Any) -> bool:
    triggers = _TRIGGERS[connection.vendor]
    if connection.vendor == "postgresql":
        query = "SELECT count(*) FROM pg_trigger WHERE tgname = ANY(%s) AND tgenabled <> 'D'"
        arguments: list[Any] = [list(triggers)]
    else:
        query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name IN (%s, %s, %s)"
        arguments = list(triggers)
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return bool(cursor.fetchone()[0] == len(triggers))

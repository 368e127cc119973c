"""The database itself refuses to change or remove entries of the ledger, as it does with the audit trail."""

from __future__ import annotations

from typing import Any

_SQLITE = [
    """
    CREATE TRIGGER IF NOT EXISTS funds_entry_no_update
    BEFORE UPDATE ON funds_entry
    BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is reversed, not changed'); END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS funds_entry_no_delete
    BEFORE DELETE ON funds_entry
    BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is reversed, not removed'); END
    """,
    # REPLACE removes the row that is in its way without asking the trigger above.
    """
    CREATE TRIGGER IF NOT EXISTS funds_entry_no_replace
    BEFORE INSERT ON funds_entry
    WHEN EXISTS (
        SELECT 1 FROM funds_entry WHERE id = NEW.id OR reverses_id = NEW.reverses_id OR "key" = NEW."key"
    )
    BEGIN SELECT RAISE(ABORT, 'an entry of the ledger is reversed, not replaced'); END
    """,
]
_POSTGRESQL = [
    """
    CREATE OR REPLACE FUNCTION funds_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'an entry of the ledger is reversed, not changed' USING ERRCODE = 'restrict_violation'; END
    $$
    """,
    """
    CREATE OR REPLACE TRIGGER funds_entry_no_update
    BEFORE UPDATE OR DELETE ON funds_entry
    FOR EACH ROW EXECUTE FUNCTION funds_entry_stays()
    """,
    """
    CREATE OR REPLACE TRIGGER funds_entry_no_delete
    BEFORE TRUNCATE ON funds_entry
    FOR EACH STATEMENT EXECUTE FUNCTION funds_entry_stays()
    """,
]
_TRIGGERS = {
    "sqlite": ("funds_entry_no_update", "funds_entry_no_delete", "funds_entry_no_replace"),
    "postgresql": ("funds_entry_no_update", "funds_entry_no_delete"),
}


def protect(connection: Any) -> None:
    """Put the triggers in place; nothing happens if they are there."""
    with connection.cursor() as cursor:
        for statement in _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE:
            cursor.execute(statement)


def unprotect(connection: Any) -> None:
    """Take the triggers away: in tests that empty the tables, and when the migration is undone."""
    on = " ON funds_entry" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in _TRIGGERS[connection.vendor]:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")

"""Spoils the ledger beneath a site, as somebody can who writes its file."""

import sqlite3
from pathlib import Path

from gateway.audit.ledger import LEDGER


def spoil(folder: Path, statement: str) -> None:
    """Write into the index what its tables forbid, as somebody can who writes the file itself."""
    with sqlite3.connect(folder.parent / LEDGER) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        forms = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
        connection.executemany(
            "UPDATE sqlite_schema SET sql = ? WHERE name = ?",
            [
                (sql.replace(", STRICT", "").replace(" STRICT", "").replace(" NOT NULL", ""), name)
                for name, sql in forms
            ],
        )
    connection.close()
    with sqlite3.connect(folder.parent / LEDGER) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(statement)
        connection.executemany("UPDATE sqlite_schema SET sql = ? WHERE name = ?", [(sql, name) for name, sql in forms])
    connection.close()

"""The tables, as steps from each version of a store to the next; both databases read this SQL.

A step that was released is never changed: a change is a step more. Times are text, ISO 8601 in UTC
with microseconds, so that they sort as they are. No index holds the name of a column: a name may be
longer than what PostgreSQL can index.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            id TEXT PRIMARY KEY,
            monitor TEXT NOT NULL,
            at TEXT NOT NULL,
            finished TEXT NOT NULL,
            driftcli_version TEXT NOT NULL,
            sources TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            n_reference BIGINT,
            n_current BIGINT,
            status TEXT NOT NULL,
            should_retrain INTEGER NOT NULL,
            alerts TEXT NOT NULL
        )""",
        "CREATE INDEX runs_by_time ON runs (monitor, at)",
        """CREATE TABLE checks (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            section TEXT NOT NULL,
            name TEXT NOT NULL,
            method TEXT NOT NULL,
            statistic DOUBLE PRECISION,
            effect DOUBLE PRECISION,
            threshold DOUBLE PRECISION,
            pvalue DOUBLE PRECISION,
            status TEXT NOT NULL
        )""",
        "CREATE INDEX checks_of_run ON checks (run)",
        """CREATE TABLE column_stats (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            section TEXT NOT NULL,
            name TEXT NOT NULL,
            kind TEXT,
            status TEXT NOT NULL,
            n_current BIGINT,
            missing BIGINT,
            mean DOUBLE PRECISION,
            std DOUBLE PRECISION,
            categories BIGINT
        )""",
        "CREATE INDEX column_stats_of_run ON column_stats (run)",
        """CREATE TABLE metrics (
            run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            value DOUBLE PRECISION,
            low DOUBLE PRECISION,
            high DOUBLE PRECISION,
            reference DOUBLE PRECISION,
            effect DOUBLE PRECISION,
            threshold DOUBLE PRECISION,
            status TEXT NOT NULL
        )""",
        "CREATE INDEX metrics_of_run ON metrics (run)",
        """CREATE TABLE memories (
            monitor TEXT NOT NULL,
            rule TEXT NOT NULL,
            name TEXT NOT NULL,
            severity TEXT NOT NULL,
            seen TEXT NOT NULL,
            first TEXT NOT NULL,
            is_open INTEGER NOT NULL,
            announced INTEGER NOT NULL,
            told TEXT,
            told_severity TEXT
        )""",
        "CREATE INDEX memories_of_monitor ON memories (monitor)",
        """CREATE TABLE acknowledgements (
            monitor TEXT NOT NULL,
            rule TEXT NOT NULL,
            name TEXT NOT NULL,
            until TEXT NOT NULL,
            note TEXT NOT NULL,
            made TEXT NOT NULL
        )""",
        "CREATE INDEX acknowledgements_of_monitor ON acknowledgements (monitor)",
        """CREATE TABLE deliveries (
            id TEXT NOT NULL,
            channel TEXT NOT NULL,
            monitor TEXT NOT NULL,
            created TEXT NOT NULL,
            document TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (id, channel)
        )""",
        "CREATE INDEX deliveries_waiting ON deliveries (monitor, outcome)",
    ),
)
VERSION = len(MIGRATIONS)

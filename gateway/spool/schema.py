"""The tables of the embedded spool. Times are whole microseconds since 1970 in UTC."""

VERSION = 2
"""1 had no history. Every table is made when it is not there, so that an older database only gains what it lacks."""

TABLES = """
CREATE TABLE IF NOT EXISTS package (
    id TEXT PRIMARY KEY,
    claim TEXT,
    epoch INTEGER NOT NULL DEFAULT 1,
    state TEXT NOT NULL,
    source TEXT NOT NULL,
    person TEXT NOT NULL,
    organisation TEXT NOT NULL,
    purpose TEXT NOT NULL,
    recipients TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    content_digest TEXT NOT NULL,
    content_key BLOB,
    record_key BLOB,
    record BLOB,
    code TEXT NOT NULL DEFAULT '',
    attempt INTEGER NOT NULL DEFAULT 0,
    due INTEGER,
    slip_due INTEGER NOT NULL DEFAULT 0,
    event TEXT NOT NULL,
    hold_stage INTEGER NOT NULL DEFAULT 0,
    hold_told_at INTEGER,
    uid INTEGER
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS package_claim ON package (claim) WHERE claim <> '';
CREATE INDEX IF NOT EXISTS package_open ON package (state) WHERE state NOT IN ('done');
CREATE TABLE IF NOT EXISTS payload (
    package TEXT NOT NULL,
    stream TEXT NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL,
    sealed BLOB,
    file TEXT NOT NULL,
    PRIMARY KEY (package, stream)
) STRICT;
CREATE TABLE IF NOT EXISTS delivery (
    package TEXT NOT NULL,
    recipient TEXT NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    sealed BLOB,
    file TEXT NOT NULL,
    manifest BLOB NOT NULL,
    signature BLOB NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    first_tried_at INTEGER,
    due INTEGER,
    code TEXT NOT NULL DEFAULT '',
    event TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (package, recipient)
) STRICT;
CREATE TABLE IF NOT EXISTS history (
    package TEXT NOT NULL,
    recipient TEXT NOT NULL,
    kind TEXT NOT NULL,
    organisation TEXT NOT NULL,
    subject TEXT NOT NULL,
    content TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (package, recipient)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS history_subject ON history (subject);
CREATE INDEX IF NOT EXISTS history_recipient ON history (organisation, recipient);
CREATE INDEX IF NOT EXISTS history_at ON history (at);
CREATE TABLE IF NOT EXISTS token (
    digest TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    scopes TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
"""

ADDED_COLUMNS = {"hold_stage": "INTEGER NOT NULL DEFAULT 0", "hold_told_at": "INTEGER", "uid": "INTEGER"}
"""Columns of `package` that a database from before them gets when it is opened; programs from before do not mind."""

ADDED_HISTORY_COLUMNS = {"went": "INTEGER"}
"""The same of `history`; a row without it is of a sending of which nobody noted how much went."""

ADDED_DELIVERY_COLUMNS = {"receipt": "TEXT NOT NULL DEFAULT ''", "in_doubt": "INTEGER NOT NULL DEFAULT 0"}
"""The same of `delivery`: what the far side signed for it; whether it went on or ended while one may have arrived."""

DOUBTS_FROM_BEFORE = """
UPDATE delivery SET in_doubt = 1 WHERE state = 'undeliverable' AND code LIKE '%-outcome-unknown'
 OR channel = 'secure-mail' AND attempt > 1 AND state IN ('sent', 'undeliverable') AND code <> 'delivery-expired'
"""
"""Fills `in_doubt` when it is added. Nothing says how the earlier attempts of a mail ended, so that those that failed
cleanly count too: rather one doubt too many. `delivery-expired` says that there was none; what waits never had one."""

ADDED_INDEXES = """
CREATE INDEX IF NOT EXISTS package_held ON package (hold_stage, updated_at) WHERE state = 'held';
CREATE INDEX IF NOT EXISTS delivery_postbus ON delivery (package) WHERE channel = 'postbus' AND state = 'sent';
CREATE INDEX IF NOT EXISTS delivery_mailed ON delivery (name) WHERE channel = 'secure-mail' AND state = 'sent';
CREATE INDEX IF NOT EXISTS delivery_returned ON delivery (name)
 WHERE channel = 'secure-mail' AND state = 'undeliverable' AND in_doubt = 1;
CREATE INDEX IF NOT EXISTS delivery_open ON delivery (channel) WHERE state IN ('waiting', 'sending', 'uncertain');
"""

PACKAGE_COLUMNS = (
    "id, claim, epoch, state, source, person, organisation, purpose, recipients, received_at, updated_at,"
    " content_digest, content_key, record_key, record, code, attempt, due, slip_due, hold_stage, hold_told_at, uid"
)
DELIVERY_COLUMNS = (
    "recipient, channel, state, name, size, sha256, sealed, file,"
    " manifest, signature, attempt, first_tried_at, due, code, receipt, in_doubt"
)

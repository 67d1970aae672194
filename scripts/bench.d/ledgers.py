"""Long queues, written with the ledger's own schema: a million requests would take too long."""

import contextlib
import hashlib
import pathlib
import shutil
import sqlite3
import time

from progress import Progress

# Rows that are written before it is said how far it is.
CHUNK = 20_000


def copy(source, target):
    """A ledger that nobody has open, with what its log still holds."""
    for suffix in ("", "-wal"):
        if pathlib.Path(f"{source}{suffix}").exists():
            shutil.copyfile(f"{source}{suffix}", f"{target}{suffix}")


def unfiled(path):
    """How many rows of the intake nobody has filed yet."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute("SELECT count(*) FROM intake").fetchone()[0]


def key(channel, name):
    """What the programs make of a contact's or a provider's ID: ContactKey, ExternalKey."""
    digest = hashlib.sha256(f"{channel} {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@contextlib.contextmanager
def writing(path):
    """A transaction that is fast and not durable, with `key` known to SQL."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.create_function("key", 2, key, deterministic=True)
        db.execute("PRAGMA synchronous=OFF")
        db.execute("PRAGMA cache_size=-200000")
        db.execute("BEGIN")
        yield db
        db.execute(
            "INSERT OR REPLACE INTO backlog (channel, queue, queued) SELECT channel, queue, count(*) FROM entry GROUP BY 1, 2")
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def fill(path, channel, count, size, channels=1):
    """Adds `count` inbound messages of as many contacts, a millisecond apart and all due, with the
    webhooks they came in: the rows that the programs write. Of several channels, each is CHANNEL-N."""
    name = "?1" if channels == 1 else f"?1 || '-' || (i % {channels})"
    now = int(time.time() * 1000)
    text = "the quick brown fox jumps over the lazy dog " * (size // 44 + 1)
    progress = Progress("writing messages")
    with writing(path) as db:
        first = db.execute("SELECT coalesce(max(id), 0) FROM message").fetchone()[0]
        for start in range(1, count + 1, CHUNK):
            end = min(start + CHUNK - 1, count)
            numbers = f"WITH RECURSIVE n(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM n WHERE i < {end})"
            insert(db, numbers, first, name, channel, now, size, text, now - count)
            progress.report(end, count)


def insert(db, numbers, first, name, channel, now, size, text, due):
    """The rows of some numbers `i`; the entry of each is due `i` milliseconds after `due`."""
    db.execute(
        f"""{numbers} INSERT INTO webhook (id, channel, received_ms, content_type, body)
            SELECT {first} + i, {name}, ?2, 'application/json', randomblob(?3) FROM n""",
        (channel, now, size))
    db.execute(
        f"""{numbers} INSERT INTO message (id, mid, channel, direction, contact, contact_key, external_id, external_key, created_ms,
              timestamp_ms, status, status_ms, content, profile, webhook)
            SELECT {first} + i, CAST(?5 || randomblob(10) AS BLOB), {name}, 1,
              printf('+602%010d', i), key({name}, printf('+602%010d', i)), printf('in-%d', {first} + i),
              key({name}, printf('in-%d', {first} + i)), ?2, ?2, 0, ?2,
              '{{"type":"text","text":"' || substr(?3, 1, ?4) || '"}}',
              '{{"firstName":"Ada","lastName":"Lovelace","phone":"' || printf('+602%010d', i) || '"}}',
              {first} + i
            FROM n""",
        (channel, now, text, size - 150, now.to_bytes(6, "big")))
    db.execute(
        f"""{numbers} INSERT INTO entry (contact_key, queue, message, part, channel, rank, due_ms, enqueued_ms, token, earliest_ms)
            SELECT (SELECT contact_key FROM message WHERE id = {first} + i), 1, {first} + i, 0, {name}, 0,
              ?2 + i, ?2 + i, ?2 + i, 0 FROM n""",
        (channel, due))


def age(path):
    """Makes of a filled ledger one that has seen something: of its messages every second was sent, and
    has been delivered; every tenth was given up after two calls, and every twentieth is to be tried again;
    every tenth webhook was not understood."""
    steps = [
        "UPDATE message SET direction = 0, status = 2, external_id = NULL, external_key = NULL WHERE id % 2 = 0",
        "DELETE FROM entry WHERE message % 2 = 0 OR message % 10 = 1",
        """INSERT INTO part (message, number, channel, payload, status, external_id, external_key)
           SELECT id, 0, channel, content, 2, printf('out-%d', id), key(channel, printf('out-%d', id))
           FROM message WHERE id % 2 = 0""",
        *(f"""INSERT INTO attempt (message, queue, part, token, started_ms, finished_ms, outcome, http_status, detail)
              SELECT id, 1, 0, {call}, created_ms + {call}, created_ms + {call} + 9, 2, 400, 'It says 400.'
              FROM message WHERE id % 10 = 1""" for call in range(2)),
        """INSERT INTO dead_letter (message, queue, part, channel, died_ms, attempts, reason)
           SELECT id, 1, 0, channel, created_ms + id % 1000, 2, 'It says 400.' FROM message WHERE id % 10 = 1""",
        "UPDATE entry SET attempts = 3, due_ms = due_ms + 7200000 WHERE message % 20 = 3",
        "UPDATE webhook SET problem = 'It is no JSON.' WHERE id % 10 = 2",
        """INSERT OR REPLACE INTO trouble (channel, dead, quarantined)
           SELECT channel, sum(dead), sum(quarantined) FROM (
             SELECT channel, 1 AS dead, 0 AS quarantined FROM dead_letter
             UNION ALL SELECT channel, 0, 1 FROM webhook WHERE problem IS NOT NULL) GROUP BY channel""",
    ]
    progress = Progress("ageing them")
    with writing(path) as db:
        for number, step in enumerate(steps, 1):
            db.execute(step)
            progress.report(number, len(steps), "steps")


def message_id(path, row):
    """The mId of a row, as the platform writes it."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        number = int.from_bytes(db.execute("SELECT mid FROM message WHERE id = ?", (row,)).fetchone()[0], "big")
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * place & 31] for place in reversed(range(26)))

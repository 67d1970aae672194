"""Long queues, written with the ledger's own schema: a million requests would take too long."""

import contextlib
import pathlib
import shutil
import sqlite3
import time


def copy(source, target):
    """A ledger that nobody has open, with what its log still holds."""
    for suffix in ("", "-wal"):
        if pathlib.Path(f"{source}{suffix}").exists():
            shutil.copyfile(f"{source}{suffix}", f"{target}{suffix}")


def unfiled(path):
    """How many rows of the intake nobody has filed yet."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute("SELECT count(*) FROM intake").fetchone()[0]


def fill(path, channel, count, size, channels=1):
    """Adds `count` inbound messages of as many contacts, a millisecond apart and all due, with the
    webhooks they came in. The rows are those that the programs write; contact and external keys are
    digests, so random numbers stand for them. Of several channels, each is CHANNEL-N."""
    name = "?1" if channels == 1 else f"?1 || '-' || (i % {channels})"
    now = int(time.time() * 1000)
    text = "the quick brown fox jumps over the lazy dog " * (size // 44 + 1)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=OFF")
        db.execute("PRAGMA cache_size=-200000")
        db.execute("BEGIN")
        first = db.execute("SELECT coalesce(max(id), 0) FROM message").fetchone()[0]
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        db.execute(
            f"""{numbers} INSERT INTO webhook (id, channel, received_ms, content_type, body)
                SELECT {first} + i, {name}, ?2, 'application/json', randomblob(?3) FROM n""",
            (channel, now, size))
        db.execute(
            f"""{numbers} INSERT INTO message (id, mid, channel, direction, contact, contact_key, external_id, external_key, created_ms,
                  timestamp_ms, status, status_ms, content, profile, webhook)
                SELECT {first} + i, CAST(?5 || randomblob(10) AS BLOB), {name}, 1,
                  printf('+602%010d', i), random(), 'in-' || lower(hex(randomblob(8))), random(), ?2, ?2, 0, ?2,
                  '{{"type":"text","text":"' || substr(?3, 1, ?4) || '"}}',
                  '{{"firstName":"Ada","lastName":"Lovelace","phone":"' || printf('+602%010d', i) || '"}}',
                  {first} + i
                FROM n""",
            (channel, now, text, size - 150, now.to_bytes(6, "big")))
        db.execute(
            f"""{numbers} INSERT INTO entry (contact_key, queue, message, part, channel, rank, due_ms, enqueued_ms, token, earliest_ms)
                SELECT (SELECT contact_key FROM message WHERE id = {first} + i), 1, {first} + i, 0, {name}, 0,
                  ?2 + i, ?2 + i, ?2 + i, 0 FROM n""",
            (channel, now - count))
        db.execute(
            "INSERT OR REPLACE INTO backlog (channel, queue, queued) SELECT channel, queue, count(*) FROM entry GROUP BY 1, 2")
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

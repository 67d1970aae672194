import SluiceCore

/// The schema, version by version (`PRAGMA user_version`). A version that has been released is
/// never changed; what it lacks is the next one.
enum Migrations {
  static let current = Int64(steps.count)

  /// Brings the ledger to the current version, in one transaction.
  static func run(on connection: Connection) throws(LedgerError) {
    let version = try connection.integer("PRAGMA user_version") ?? 0
    guard version <= current else {
      throw .broken(
        "it has schema version \(version), and this program knows \(current): use a newer one")
    }
    if version == 0 {
      // Space of deleted rows goes back to the file system; settable only before the first table.
      try connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    }
    // A copy made by others' means may have lost the mode, which stands in the file.
    if try connection.text("PRAGMA journal_mode") != "wal",
      try connection.text("PRAGMA journal_mode=WAL") != "wal"
    {
      throw .broken("its file system does not support SQLite's WAL mode; use a local disk")
    }
    guard version < current else { return }
    try connection.execute("BEGIN IMMEDIATE")
    // Another process may have migrated while we waited for the lock.
    let from = try connection.integer("PRAGMA user_version") ?? 0
    for step in from..<current {
      try connection.execute(steps[Int(step)])
      try connection.execute("PRAGMA user_version=\(step + 1)")
    }
    try connection.execute("COMMIT")
  }

  private static let steps = [
    """
    -- What was accepted and is not filed yet: the tables below have nothing of it. Only ever appended
    -- to, so that accepting costs the same however much waits. A row is a webhook with its first
    -- event, a further event of the webhook before it, an outbound message with its first part, or a
    -- further part. kind: IntakeRow.Kind. body: a webhook's, or a part's payload; a further event has
    -- none. reference, part: of a part of ours. join_key to join_until_ms: of a piece of a text, see
    -- fragment; its content is the piece's text. provider_contact: where contact is an alias.
    CREATE TABLE intake (
      id INTEGER PRIMARY KEY,
      channel TEXT NOT NULL,
      received_ms INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      content_type TEXT,
      query TEXT,
      body BLOB,
      problem TEXT,
      mid BLOB,
      contact TEXT,
      provider_contact TEXT,
      external_id TEXT,
      timestamp_ms INTEGER,
      content TEXT,
      profile TEXT,
      reference BLOB,
      part INTEGER,
      status INTEGER,
      reason TEXT,
      join_key INTEGER,
      piece INTEGER,
      pieces INTEGER,
      join_until_ms INTEGER
    ) STRICT;

    -- What providers sent, as it came. problem: why it was not understood (quarantine).
    CREATE TABLE webhook (
      id INTEGER PRIMARY KEY,
      channel TEXT NOT NULL,
      received_ms INTEGER NOT NULL,
      content_type TEXT,
      query TEXT,
      body BLOB NOT NULL,
      problem TEXT
    ) STRICT;
    CREATE INDEX webhook_quarantine ON webhook (channel, id) WHERE problem IS NOT NULL;

    -- direction: 0 outbound, 1 inbound, 2 echo. status: DeliveryStatus; of an inbound message,
    -- delivered once the platform has it. external_id: of inbound messages and echoes; what makes
    -- a repeated webhook a duplicate. reported: the last status the platform has taken.
    -- contact_key, external_key: digests (ContactKey, ExternalKey), so that indexes stay small.
    CREATE TABLE message (
      id INTEGER PRIMARY KEY,
      mid BLOB NOT NULL UNIQUE,
      channel TEXT NOT NULL,
      direction INTEGER NOT NULL,
      contact TEXT NOT NULL,
      contact_key INTEGER NOT NULL,
      external_id TEXT,
      external_key INTEGER,
      created_ms INTEGER NOT NULL,
      timestamp_ms INTEGER NOT NULL,
      status INTEGER NOT NULL,
      status_ms INTEGER NOT NULL,
      reported INTEGER NOT NULL DEFAULT 0,
      reason TEXT,
      content TEXT NOT NULL,
      profile TEXT,
      webhook INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX message_external ON message (external_key) WHERE external_key IS NOT NULL;
    CREATE INDEX message_contact ON message (contact_key, direction);

    -- Contacts whose ID at the provider is too long for the platform. Kept until somebody has
    -- them erased: they may be written to at any time.
    CREATE TABLE alias (
      channel TEXT NOT NULL,
      alias TEXT NOT NULL,
      provider_contact TEXT NOT NULL,
      PRIMARY KEY (channel, alias)
    ) STRICT, WITHOUT ROWID;

    -- The pieces of which an inbound message is joined. join_key: JoinKey. The message takes more of
    -- them while earliest_ms of its entry is ahead.
    CREATE TABLE fragment (
      message INTEGER NOT NULL,
      number INTEGER NOT NULL,
      join_key INTEGER NOT NULL,
      external_id TEXT NOT NULL,
      external_key INTEGER NOT NULL,
      text TEXT NOT NULL,
      PRIMARY KEY (message, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX fragment_join ON fragment (join_key);
    CREATE INDEX fragment_external ON fragment (external_key);

    -- What an outbound message was split into: one provider call each.
    CREATE TABLE part (
      message INTEGER NOT NULL,
      number INTEGER NOT NULL,
      channel TEXT NOT NULL,
      payload TEXT NOT NULL,
      status INTEGER NOT NULL DEFAULT 0,
      external_id TEXT,
      external_key INTEGER,
      reason TEXT,
      PRIMARY KEY (message, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX part_external ON part (external_key) WHERE external_key IS NOT NULL;

    -- The queue. A lane is a contact_key and a queue; its order is that of the rows. due_ms: only
    -- the head of a lane has one; while it is leased, that is when the lease runs out, as is
    -- lease_boot_ms by boot time, and of which boot (LeaseTerms; 0: it has run out already). earliest_ms: before which it is not
    -- due, should its turn come sooner; 0 if it does not care, or was leased once. rank: 0 for conversations, 1 for
    -- bulk. unknown_ms: since when it has not been known whether the provider took the part. part:
    -- of an outbound message; of a status entry, the status that made it. token: counts leases, from
    -- enqueued_ms on, so that no later entry of the same row (rows of a queue that ran empty are used
    -- again) has the token of an earlier one. account: Route.
    CREATE TABLE entry (
      id INTEGER PRIMARY KEY,
      contact_key INTEGER NOT NULL,
      queue INTEGER NOT NULL,
      message INTEGER NOT NULL,
      part INTEGER NOT NULL,
      channel TEXT NOT NULL,
      rank INTEGER NOT NULL,
      due_ms INTEGER,
      earliest_ms INTEGER NOT NULL,
      leased INTEGER NOT NULL DEFAULT 0,
      lease_boot_ms INTEGER NOT NULL DEFAULT 0,
      token INTEGER NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      unknown_ms INTEGER,
      enqueued_ms INTEGER NOT NULL,
      account INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX entry_lane ON entry (contact_key, queue);
    CREATE INDEX entry_due ON entry (channel, queue, rank, due_ms) WHERE due_ms IS NOT NULL;
    CREATE INDEX entry_unknown ON entry (channel, queue) WHERE unknown_ms IS NOT NULL;

    -- How many entries there are; counted as they come and go.
    CREATE TABLE backlog (
      channel TEXT NOT NULL,
      queue INTEGER NOT NULL,
      queued INTEGER NOT NULL,
      PRIMARY KEY (channel, queue)
    ) STRICT, WITHOUT ROWID;

    -- Calls made, and what came of them. outcome: AttemptRecord.Outcome.
    CREATE TABLE attempt (
      message INTEGER NOT NULL,
      queue INTEGER NOT NULL,
      part INTEGER NOT NULL,
      token INTEGER NOT NULL,
      started_ms INTEGER NOT NULL,
      finished_ms INTEGER NOT NULL,
      outcome INTEGER NOT NULL,
      http_status INTEGER,
      detail TEXT NOT NULL,
      PRIMARY KEY (message, queue, part, token)
    ) STRICT, WITHOUT ROWID;

    -- Statuses of parts that are not known yet: the callback overtook the answer to our call.
    CREATE TABLE parked (
      channel TEXT NOT NULL,
      external_id TEXT NOT NULL,
      status INTEGER NOT NULL,
      reason TEXT,
      received_ms INTEGER NOT NULL,
      PRIMARY KEY (channel, external_id, status)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX parked_received ON parked (received_ms);

    -- Entries that were given up.
    CREATE TABLE dead_letter (
      message INTEGER NOT NULL,
      queue INTEGER NOT NULL,
      part INTEGER NOT NULL,
      channel TEXT NOT NULL,
      died_ms INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      reason TEXT NOT NULL,
      PRIMARY KEY (message, queue, part)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX dead_letter_died ON dead_letter (died_ms);
    """,
    """
    -- Statuses that took a part forward. webhook: which said so; none where the provider was asked.
    CREATE TABLE callback (
      message INTEGER NOT NULL,
      part INTEGER NOT NULL,
      status INTEGER NOT NULL,
      received_ms INTEGER NOT NULL,
      reason TEXT,
      webhook INTEGER,
      PRIMARY KEY (message, part, status)
    ) STRICT, WITHOUT ROWID;
    ALTER TABLE parked ADD COLUMN webhook INTEGER;

    -- Account: whose webhook it is.
    ALTER TABLE intake ADD COLUMN account INTEGER;
    ALTER TABLE webhook ADD COLUMN account INTEGER;

    -- Of a channel's queues to one destination nothing is leased. destination: Destination.
    CREATE TABLE pause (
      channel TEXT NOT NULL,
      destination INTEGER NOT NULL,
      PRIMARY KEY (channel, destination)
    ) STRICT, WITHOUT ROWID;

    -- A channel's messages in the order of their acceptance.
    CREATE INDEX message_channel ON message (channel);

    -- Which account was called: Account.
    ALTER TABLE attempt ADD COLUMN account INTEGER NOT NULL DEFAULT 0;

    -- Heads that have waited for longer than they have been due, as they were tried or stood behind
    -- another: all other heads were queued when they fell due, so entry_due has them in the order of
    -- their age. What is delivered at the first call is never in here.
    CREATE INDEX entry_late ON entry (channel, queue, enqueued_ms)
      WHERE due_ms > enqueued_ms AND (leased = 0 OR attempts > 1);

    CREATE INDEX dead_letter_channel ON dead_letter (channel, died_ms);
    CREATE INDEX webhook_problem ON webhook (id) WHERE problem IS NOT NULL;

    -- How many dead letters and webhooks in quarantine there are; counted as they come and go.
    CREATE TABLE trouble (
      channel TEXT NOT NULL PRIMARY KEY,
      dead INTEGER NOT NULL DEFAULT 0,
      quarantined INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    INSERT INTO trouble (channel, dead, quarantined)
      SELECT channel, sum(dead), sum(quarantined) FROM (
          SELECT channel, 1 AS dead, 0 AS quarantined FROM dead_letter
          UNION ALL SELECT channel, 0, 1 FROM webhook WHERE problem IS NOT NULL)
        GROUP BY channel;
    CREATE TRIGGER dead_letter_comes AFTER INSERT ON dead_letter BEGIN
      INSERT INTO trouble (channel, dead) VALUES (new.channel, 1)
        ON CONFLICT (channel) DO UPDATE SET dead = dead + 1;
    END;
    CREATE TRIGGER dead_letter_goes AFTER DELETE ON dead_letter BEGIN
      UPDATE trouble SET dead = dead - 1 WHERE channel = old.channel;
    END;
    CREATE TRIGGER quarantine_comes AFTER INSERT ON webhook WHEN new.problem IS NOT NULL BEGIN
      INSERT INTO trouble (channel, quarantined) VALUES (new.channel, 1)
        ON CONFLICT (channel) DO UPDATE SET quarantined = quarantined + 1;
    END;
    CREATE TRIGGER quarantine_goes AFTER DELETE ON webhook WHEN old.problem IS NOT NULL BEGIN
      UPDATE trouble SET quarantined = quarantined - 1 WHERE channel = old.channel;
    END;
    """,
  ]
}

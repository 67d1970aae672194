/// What each key is for, as the reference of all settings says it.
enum SettingsMeanings {
  static let all: [String: String] = [
    "server.state_dir":
      "the one directory of state, with the ledger; relative to this file; restart",
    "server.public_url":
      "where providers reach this host, `https://HOST/sluice`: for those that sign their webhooks' URL, and for links to media",
    "server.shared_memory":
      "rate limits that all processes share; on a tmpfs, otherwise in `/dev/shm`; restart",
    "server.threads":
      "per process, for what takes time; at most half of them attempt to send; restart",
    "server.max_body_bytes": "nginx has a limit of its own; restart",
    "server.carry": "who moves messages on: `sluice-relay`, or each handler after its answer",
    "server.first_attempt_seconds": "how long `/message` waits for the provider; 0: never; restart",
    "server.reserve_mb":
      "disk kept aside: when it is full, what was accepted is still sent and settled; restart",
    "server.counters": "whether events are counted and timed, for console and metrics; restart",
    "server.overdue_seconds": "how late the oldest due entry may be before `/readyz` says no",
    "server.relay_silence_seconds": "for how long a relay may be silent before `/readyz` says no",
    "platform.limit_per_second": "calls per channel in any second",
    "platform.timeout_seconds": "one call to the platform",
    "platform.retry_base_seconds": "the first retry's longest delay; doubles each time",
    "platform.retry_cap_seconds": "the longest of all; both also hold for providers",
    "platform.max_age_hours": "then a message to the platform is given up",
    "platform.post_sent": "post `sent` too; the answer to `/message` says it already",
    "platform.events_per_call": "events of one contact that may go in one call, where several wait",
    "platform.max_queued": "how much may wait in each queue of a channel; beyond it, 503",
    "relay.in_flight": "calls at once, shared fairly by the destinations that have work",
    "relay.lease_seconds": "after a crash, how long until another takes over",
    "relay.conversation_minutes":
      "how long after a contact has written what waits for them goes before bulk; restart",
    "relay.bulk_share":
      "the part of the calls that bulk gets all the same, and statuses beside messages",
    "media.key":
      "seals the links to media that only we may fetch; otherwise one that is made once, in `state_dir`",
    "media.link_hours": "how long a link is good for",
    "media.max_mb": "the largest media that is fetched",
    "media.quota_mb": "what all copies together may take; at least `max_mb`",
    "media.keep_hours": "how long a copy stays after it was last asked for",
    "media.fetch_seconds": "for all calls of one fetch",
    "media.allow_private_networks": "whether media may be fetched from private addresses",
    "retention.days": "how long messages are kept; duplicates are recognised as long",
    "retention.parked_hours":
      "how long a status waits for the message it belongs to; then the log names it",
    "log.level": "`debug` has a line for each message",
    "log.format": "one line an event, either way",
    "log.contacts": "whether lines name contacts as `+49...789`, or whole",
    "log.file":
      "a file, relative to this one; otherwise standard error. One that is moved away is begun anew",
    "console.allow": "addresses and networks that may see the sign-in page, beside this host",
    "console.enabled": "whether `sluice-console` serves its pages",
    "console.password": "the operators'; required where `enabled` is true",
    "console.session_hours": "how long a login lasts",
    "channel_id": "the platform's Channel ID",
    "token": "the platform's API token, for both directions",
    "webhook_url": "the platform's, used as it is",
    "id_type": "as chosen on the platform",
    "country_code": "of national phone numbers, without a plus: `44`",
    "groups": "what becomes of group chats, where the provider has them",
    "join_seconds": "how long to wait for the pieces of a text that a provider leaves in pieces",
    "limit_per_second": "this channel's; otherwise `platform.limit_per_second`",
    "provider": "and a table of that name, below",
    "when_unknown":
      "when it stays unknown whether the provider took a message: report it failed, or send it again",
    "unknown_wait_seconds":
      "how long to ask and wait before that; the contact's later messages wait too",
    "max_queued": "this channel's; otherwise `platform.max_queued`",
    "repeat_window_seconds":
      "the same body for the same contact within it is the same message; 0: never",
    "sandbox.limit_per_second":
      "sends on this account; otherwise the provider's own, if it names one",
    "sandbox.timeout_seconds": "one call to the provider",
    "sandbox.max_age_hours": "then a message is given up, and reported failed",
    "sandbox.lookup_after_hours":
      "a message that stays *sent* so long is asked about, where the provider can be asked; 0: never",
    "fallback.provider":
      "a second account, in `[fallback]`: sends while the first is down, or refuses for a reason of its own",
  ]
}

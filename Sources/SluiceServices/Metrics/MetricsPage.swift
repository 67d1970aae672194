import SluiceCore

/// What Sluice tells Prometheus, from what was counted and what waits. Every metric is explained in
/// `Documentation.docc/Metrics.md`.
struct MetricsPage {
  let status: SharedStatus
  let queues: [QueueOverview]
  let pauses: [Pause]
  /// Whether handlers leave what they take in to a relay.
  let needsRelay: Bool
  /// Unix milliseconds.
  let now: Int64

  /// The label of all channels together that are not counted apart; no channel can have that name.
  static let others = "_other"

  func text() -> [UInt8] {
    var page = PrometheusText()
    page.begin("sluice_build_info", .gauge, "The version that answers; always 1.")
    page.sample([("version", Version.current)], "1")
    addCounters(to: &page)
    addQueues(to: &page)
    addDestinations(to: &page)
    page.begin("sluice_paused", .gauge, "What an operator has paused; always 1.")
    for pause in pauses {
      page.sample(
        [("channel", "\(pause.channel)"), ("destination", "\(pause.destination)")], "1")
    }
    addHistograms(to: &page)
    if needsRelay {
      page.begin(
        "sluice_relay_heartbeat_age_seconds", .gauge, "Time since a relay was last seen at work.")
      page.sample([], status.relayAge.map(PrometheusText.seconds(milliseconds:)) ?? "+Inf")
    }
    return page.bytes
  }

  private func addCounters(to page: inout PrometheusText) {
    let counters = status.counters()
    for event in CountedEvent.allCases {
      page.begin("sluice_\(event)_total", .counter, Self.help(event))
      for channel in counters {
        for value in channel.values where value.event == event {
          page.sample(
            [
              ("channel", channel.channel?.description ?? Self.others),
              ("queue", "\(value.queue)"),
            ], String(value.count))
        }
      }
    }
  }

  private func addQueues(to page: inout PrometheusText) {
    func add(_ name: String, _ help: String, _ value: (QueueOverview) -> String?) {
      page.begin(name, .gauge, help)
      for queue in queues {
        guard let value = value(queue) else { continue }
        page.sample([("channel", queue.channel.description), ("queue", "\(queue.queue)")], value)
      }
    }
    add("sluice_queue_entries", "Entries that wait, or are being worked on.") {
      String($0.queued)
    }
    add("sluice_queue_unknown_entries", "Of these, those that may have been sent.") {
      String($0.unknown)
    }
    add("sluice_queue_oldest_due_seconds", "For how long the oldest due entry has been due.") {
      $0.firstDue.map { PrometheusText.seconds(milliseconds: now - $0) }
    }
    add("sluice_queue_oldest_seconds", "For how long the oldest entry has been queued.") {
      $0.oldestQueued.map { PrometheusText.seconds(milliseconds: now - $0) }
    }
  }

  private func addDestinations(to page: inout PrometheusText) {
    var rows: [(labels: [(String, String)], status: DestinationStatus)] = []
    for channel in status.channels {
      for destination in Destination.allCases {
        let found = status.destination(destination, of: channel)
        guard found != DestinationStatus() else { continue }
        rows.append(
          ([("channel", "\(channel)"), ("destination", "\(destination)")], found))
      }
    }
    func add(
      _ name: String, _ kind: PrometheusText.Kind, _ help: String,
      _ value: (DestinationStatus) -> String?
    ) {
      page.begin(name, kind, help)
      for row in rows {
        if let value = value(row.status) { page.sample(row.labels, value) }
      }
    }
    add("sluice_rate_limit", .gauge, "Calls that may be made in a second.") {
      $0.limit.map { String($0) }
    }
    add("sluice_rate_used_ratio", .gauge, "The part of the limit that the last minute used.") {
      $0.usedInMinute.map { String($0) }
    }
    add("sluice_slot_waits_total", .counter, "How often a call had to wait for its slot.") {
      String($0.waits)
    }
    add("sluice_held_seconds", .gauge, "For how long the other side wants no calls.") {
      PrometheusText.seconds(milliseconds: ($0.heldUntil ?? now) - now)
    }
    add("sluice_breaker_state", .gauge, "Whether it is called: 0 yes, 1 on probation, 2 no.") {
      switch $0.breaker {
      case .closed: "0"
      case .halfOpen: "1"
      case .open: "2"
      }
    }
  }

  private func addHistograms(to page: inout PrometheusText) {
    var family = ""
    for duration in TimedDuration.allCases {
      let (name, help, label) = Self.name(duration)
      if name != family { page.begin(name, .histogram, help) }
      family = name
      let histogram = status.histogram(duration)
      var count: UInt64 = 0
      for (index, bucket) in histogram.buckets.enumerated() {
        count += bucket
        let isLast = index == LatencyScale.bounds.count
        let bound =
          isLast ? "+Inf" : PrometheusText.seconds(microseconds: LatencyScale.bounds[index])
        page.sample([label, ("le", bound)], String(count), suffix: "_bucket")
      }
      page.sample(
        [label], PrometheusText.seconds(microseconds: histogram.microseconds), suffix: "_sum")
      page.sample([label], String(count), suffix: "_count")
    }
  }

  private static func help(_ event: CountedEvent) -> String {
    switch event {
    case .accepted: "Messages, message parts and statuses taken in and acknowledged."
    case .delivered: "What the other side took."
    case .deferred: "Calls that came to nothing; they are made again."
    case .rejected: "What was given up: dead letters."
    case .unknown: "Calls without an answer, of which nobody knows what came."
    case .duplicates: "What was taken in and had been there already."
    case .throttled: "Calls that the other side put off."
    case .ignored: "What was taken in and left out, as the channel's settings want it."
    }
  }

  private static func name(
    _ duration: TimedDuration
  ) -> (name: String, help: String, label: (String, String)) {
    switch duration {
    case .delivery(let queue):
      (
        "sluice_delivery_duration_seconds",
        "From the acknowledgement of a message or status until the other side took it.",
        ("queue", "\(queue)")
      )
    case .request(let endpoint):
      (
        "sluice_request_duration_seconds", "A program's work on a request, until its answer.",
        ("program", "\(endpoint)")
      )
    case .call(let destination):
      (
        "sluice_call_duration_seconds", "Calls to platform and providers, until their answer.",
        ("destination", "\(destination)")
      )
    case .slot(let destination):
      (
        "sluice_slot_wait_duration_seconds",
        "For how long calls that were ready waited until they left in their slot.",
        ("destination", "\(destination)")
      )
    case .fetch(let fetched):
      (
        "sluice_media_fetch_duration_seconds",
        "Fetches of media from providers, with all of their calls.", ("outcome", "\(fetched)")
      )
    }
  }
}

import SluiceCore
import SluicePages

/// The lanes of a channel that wait longest.
struct LaneList {
  let lanes: [WaitingLane]
  /// Whether there are others.
  let hasMore: Bool

  init(of channel: ChannelName, in ledger: any InspectableLedger, limit: Int) throws(LedgerError) {
    let found = try ledger.lanes(of: channel, queue: nil, limit: limit + 1)
    lanes = Array(found.prefix(limit))
    hasMore = found.count > limit
  }
}

/// What waits in a channel: for whom, how long, and why.
struct LaneTable {
  let list: LaneList
  /// Of their channel.
  let channel: ChannelView

  func html(_ visit: Visit) -> HTML {
    let table = Markup.table(
      "What waits in \(channel.name.description), longest first",
      ["For", "Waits for", "Why", "Behind it", "Calls"], list.lanes.map { row($0, visit) },
      hidesCaption: true, empty: "Nothing waits.")
    guard list.hasMore else { return table }
    return """
      \(table)
      <p class="note">These \(Words.count(list.lanes.count)) have waited longest, of \
      \(Words.count(channel.queued)) messages and statuses that wait here.</p>
      """
  }

  private func row(_ lane: WaitingLane, _ visit: Visit) -> [HTML] {
    let head = lane.head
    var last: HTML = .none
    if let attempt = head.lastAttempt {
      last = "<small>\(Redaction.redact(String(attempt.detail.prefix(160))))</small>"
    }
    return [
      """
      <a href="\(visit.base)/messages/\(head.id.description)">\(head.contact.description)</a>\
      <small>\(Self.title(head.queue))</small>
      """,
      "\(TimeSpan.text(visit.now - head.enqueuedAt))",
      "\(sentence(head.reason(channel.state, now: visit.now)))\(last)",
      lane.behind == 0 ? "–" : "\(Words.count(lane.behind))",
      "\(head.attempts)",
    ]
  }

  private func sentence(_ clause: String) -> String {
    clause.prefix(1).uppercased() + clause.dropFirst() + "."
  }

  static func title(_ queue: Queue) -> String {
    switch queue {
    case .outbound: "message to the contact"
    case .inbound: "message to the platform"
    case .status: "status to the platform"
    case .check: "question to the provider"
    }
  }
}

import SluiceCore
import SluicePages

/// What waits in a channel: for whom, how long, and why.
struct LaneTable {
  let lanes: [WaitingLane]
  /// Of their channel.
  let channel: ChannelView

  func html(_ visit: Visit) -> HTML {
    Markup.table(
      "What waits in \(channel.name.description), longest first",
      ["For", "Waits for", "Why", "Behind it", "Calls"], lanes.map { row($0, visit) },
      hidesCaption: true, empty: "Nothing waits.")
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

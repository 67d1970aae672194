import SluiceCore
import SluicePages

/// What waits in a channel: for whom, how long, and why.
struct LaneTable {
  let lanes: [WaitingLane]
  /// Of their channel.
  let state: ChannelView

  func html(_ visit: Visit) -> HTML {
    Markup.table(
      "What waits in \(state.name.description), longest first",
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
      "\(Words.span(visit.now - head.enqueuedAt))",
      "\(Self.reason(head, state, now: visit.now))\(last)",
      lane.behind == 0 ? "–" : "\(Words.count(lane.behind))",
      "\(head.attempts)",
    ]
  }

  static func title(_ queue: Queue) -> String {
    switch queue {
    case .outbound: "message to the contact"
    case .inbound: "message to the platform"
    case .status: "status to the platform"
    case .check: "question to the provider"
    }
  }

  /// Why an entry waits, as a sentence.
  static func reason(_ entry: WaitingEntry, _ state: ChannelView, now: Int64) -> String {
    let calls = state.calls(to: entry.queue.destination)
    let side = entry.queue.destination
    switch entry.state {
    case .behind(let id): return "Something of the same contact goes first: \(id)."
    case .leased(let until):
      return "A call is under way, until \(Words.distance(to: until, now: now)) at the latest."
    case .unknown(let since, let next):
      return "It may have been sent \(Words.distance(to: since, now: now)); no answer came."
        + " It is looked at again \(Words.distance(to: next, now: now))."
    case .due(let time):
      if calls.isPaused { return "Calls to the \(side) are paused." }
      if case .open(let until) = calls.status.breaker {
        return
          "The \(side) does not answer; the next try is \(Words.distance(to: until, now: now))."
      }
      if let held = calls.status.heldUntil, held > now {
        return "The \(side) asked for a pause; goes on \(Words.distance(to: held, now: now))."
      }
      if time > now {
        return entry.attempts == 0
          ? "Due \(Words.distance(to: time, now: now))."
          : "The last call did not succeed; the next is \(Words.distance(to: time, now: now))."
      }
      if let used = calls.status.used, used >= 0.9 {
        return "Due; the limit is used up at the moment."
      }
      return "Due; its turn comes \(entry.isConversation ? "before bulk" : "after conversations")."
    }
  }
}

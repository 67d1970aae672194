import SluiceCore
import SluicePages

/// Everything that waits: how old, for whom, why.
struct QueuePage {
  struct ChannelQueues {
    let state: ChannelView
    let lanes: [WaitingLane]
  }

  /// By how long the first of each waits.
  let queues: [QueueOverview]
  /// The channels that wait longest, with who waits there.
  let channels: [ChannelQueues]

  func content(_ visit: Visit) -> HTML {
    let sections: [HTML] = channels.map { channel in
      let name = channel.state.name.description
      return """
        <section aria-labelledby="channel-\(name)"><h2 id="channel-\(name)">\
        <a href="\(visit.base)/channels/\(name)">\(name)</a></h2>
        \(LaneTable(lanes: channel.lanes, channel: channel.state).html(visit))</section>

        """
    }
    return """
      <h1>Queue</h1>
      <p class="lead">\(sentence(visit))</p>
      \(table(visit))
      \(sections)
      """
  }

  private func sentence(_ visit: Visit) -> String {
    let waiting = queues.filter { $0.queue != .check }
    guard !waiting.isEmpty else { return "Nothing waits." }
    let all = waiting.reduce(0) { $0 + $1.queued }
    let oldest = waiting.compactMap(\.firstQueued).min().map { visit.now - $0 }
    return "\(Words.count(all)) wait\(all == 1 ? "s" : "")"
      + (oldest.map { "; the oldest for \(TimeSpan.text($0))." } ?? ".")
  }

  private func table(_ visit: Visit) -> HTML {
    guard !queues.isEmpty else { return .none }
    return Markup.table(
      "Queues, the longest wait first",
      ["Channel", "What", "Waiting", "Oldest", "Next due", "Unknown"],
      queues.prefix(50).map { queue in
        [
          "<a href=\"\(visit.base)/channels/\(queue.channel.description)\">\(queue.channel.description)</a>",
          "\(LaneTable.title(queue.queue))", "\(Words.count(queue.queued))",
          queue.firstQueued.map { "\(TimeSpan.text(visit.now - $0))" } ?? "–",
          queue.firstDue.map { "\(Words.distance(to: $0, now: visit.now))" } ?? "–",
          queue.unknown == 0 ? "–" : "\(Words.count(queue.unknown))",
        ]
      }, hidesCaption: true, empty: "")
  }
}

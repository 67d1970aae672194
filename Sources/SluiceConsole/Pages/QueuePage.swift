import SluiceCore
import SluicePages

/// Everything that waits: how old, for whom, why.
struct QueuePage {
  struct ChannelQueues {
    let state: ChannelView
    let lanes: LaneList
  }

  /// Of all channels, for the first line.
  struct Totals {
    /// Entries that somebody waits for, and since when the oldest of them does, Unix milliseconds.
    var waiting = 0
    var oldest: Int64?
    var queues = 0

    init(_ queues: [QueueOverview]) {
      self.queues = queues.count
      // Questions are asked hours later; nobody waits for them.
      for queue in queues where queue.queue != .check {
        waiting += queue.queued
        oldest = [oldest, queue.oldestQueued].compactMap { $0 }.min()
      }
    }
  }

  let totals: Totals
  /// Those of this page, by how long the oldest of each waits.
  let queues: [QueueOverview]
  /// Who waits in the first channels of this page.
  let channels: [ChannelQueues]
  /// Whether there are other channels on this page.
  let hasMoreChannels: Bool
  /// From 1.
  let page: Int
  let pages: Int

  func content(_ visit: Visit) -> HTML {
    let sections: [HTML] = channels.map { channel in
      let name = channel.state.name.description
      return """
        <section aria-labelledby="channel-\(name)"><h2 id="channel-\(name)">\
        <a href="\(visit.base)/channels/\(name)">\(name)</a></h2>
        \(LaneTable(list: channel.lanes, channel: channel.state).html(visit))</section>

        """
    }
    return """
      <h1>Queue</h1>
      <p class="lead">\(sentence(visit))</p>
      \(table(visit))
      \(Markup.paging(page, of: pages, label: "Pages of queues") { "\(visit.base)/queue?page=\($0)" })
      \(sections)\(others)
      """
  }

  private var others: HTML {
    guard hasMoreChannels else { return .none }
    return """
      <p class="note">Who waits is shown of the first \(Words.count(channels.count, "channel")) above; \
      the others' own pages show it of them.</p>
      """
  }

  private func sentence(_ visit: Visit) -> String {
    guard totals.waiting > 0 else { return "Nothing waits." }
    return "\(Words.count(totals.waiting)) wait\(totals.waiting == 1 ? "s" : "")"
      + (totals.oldest.map { "; the oldest for \(TimeSpan.text(visit.now - $0))." } ?? ".")
      + (pages > 1
        ? " \(Words.count(queues.count)) of \(Words.count(totals.queues)) queues are on this page."
        : "")
  }

  private func table(_ visit: Visit) -> HTML {
    guard !queues.isEmpty else { return .none }
    return Markup.table(
      "Queues, the longest wait first",
      ["Channel", "What", "Waiting", "Oldest", "Next due", "Unknown"],
      queues.map { queue in
        [
          "<a href=\"\(visit.base)/channels/\(queue.channel.description)\">\(queue.channel.description)</a>",
          "\(LaneTable.title(queue.queue))", "\(Words.count(queue.queued))",
          queue.oldestQueued.map { "\(TimeSpan.text(visit.now - $0))" } ?? "–",
          queue.firstDue.map { "\(Words.distance(to: $0, now: visit.now))" } ?? "–",
          queue.unknown == 0 ? "–" : "\(Words.count(queue.unknown))",
        ]
      }, hidesCaption: true, empty: "")
  }
}

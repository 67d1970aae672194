import SluiceCore

/// A message as one of the page's two ends shows it. What goes through Sluice is two items, one at
/// each end: nothing but Sluice joins them, which is what the page is there to show.
struct PageItem: Sendable {
  enum Side: String, Sendable { case phone, inbox }

  enum Status: String, Sendable {
    /// Written here, not yet taken by Sluice.
    case sending
    /// Written on the phone: Sluice answered the webhook with 2xx.
    case taken
    /// Written in the inbox: what the platform knows.
    case sent, delivered, read, failed
    /// Came from the other end.
    case received
    /// Came as an echo: the business wrote it elsewhere.
    case echo
  }

  let number: Int
  let side: Side
  let channel: String
  let contact: String
  /// `text`, `image`, `location` and so on.
  let kind: String
  let text: String
  let url: String?
  /// Unix milliseconds of its appearance.
  let wall: Int64
  let name: String?
  var status: Status
  /// Unix milliseconds of the last change of `status`.
  var changedWall: Int64
  var reason: String?
  var mID: String?
  /// The page's revision in which it last changed.
  var revision = 0

  /// Longer texts are cut: they come whole in the test interface's logs of either end.
  static let maximumTextBytes = 8_000

  var json: JSON {
    .object(present: [
      ("n", .integer(Int64(number))), ("side", .string(side.rawValue)),
      ("channel", .string(channel)), ("contact", .string(contact)), ("kind", .string(kind)),
      ("text", .string(text)), ("url", url.map(JSON.string)), ("at", .integer(wall)),
      ("name", name.map(JSON.string)), ("status", .string(status.rawValue)),
      ("changedAt", .integer(changedWall)),
      ("reason", reason.map(JSON.string)), ("mId", mID.map(JSON.string)),
    ])
  }
}

/// One line of "what happened".
struct TimelineEntry: Sendable {
  enum Step: String, Sendable {
    case phoneWrote, webhookAccepted, webhookRefused, platformReceived, platformRefused
    case platformStatus, inboxWrote, sluiceTook, sluiceRefused, providerReceived, providerRefused
    case reportAccepted, reportRefused
  }

  let step: Step
  let wall: Int64
  /// Nanoseconds of `CLOCK_BOOTTIME`: what the page computes differences from.
  let boot: UInt64
  let channel: String
  let contact: String
  let detail: String

  func json(number: Int) -> JSON {
    [
      "n": .integer(Int64(number)), "step": .string(step.rawValue), "at": .integer(wall),
      "us": .integer(Int64(boot / 1_000)), "channel": .string(channel),
      "contact": .string(contact), "detail": .string(detail),
    ]
  }
}

/// What the page shows, with a revision that counts its changes, so that a poll costs what has
/// changed and no more.
struct PageState: Sendable {
  private(set) var items = RingLog<PageItem>(capacity: 2_000)
  private(set) var timeline = RingLog<TimelineEntry>(capacity: 300)
  private(set) var revision = 0
  private var timelineRevisions = RingLog<Int>(capacity: 300)

  /// - Returns: The item's number.
  @discardableResult
  mutating func add(
    _ side: PageItem.Side, channel: String, contact: String, kind: String = "text", text: String,
    url: String? = nil, name: String? = nil, status: PageItem.Status, mID: String? = nil,
    wall: Int64
  ) -> Int {
    revision += 1
    items.append(
      PageItem(
        number: items.end, side: side, channel: channel, contact: contact, kind: kind,
        text: text.head(bytes: PageItem.maximumTextBytes), url: url, wall: wall, name: name,
        status: status, changedWall: wall, mID: mID, revision: revision))
    return items.end - 1
  }

  /// Changes an item's status, if the item has not been forgotten.
  mutating func update(_ number: Int?, wall: Int64, _ change: (inout PageItem) -> Void) {
    guard let number, items.contains(number) else { return }
    revision += 1
    var item = items[number]
    let before = item.status
    change(&item)
    if item.status != before { item.changedWall = wall }
    item.revision = revision
    items[number] = item
  }

  mutating func note(_ entry: TimelineEntry) {
    revision += 1
    timeline.append(entry)
    timelineRevisions.append(revision)
  }

  /// What has changed since `revision`.
  func changes(since: Int) -> PageChanges {
    guard since < revision else { return PageChanges() }
    let lines = (timeline.start..<timeline.end).filter { timelineRevisions[$0] > since }
    return PageChanges(
      items: items.entries().filter { $0.revision > since },
      timeline: lines.map { ($0, timeline[$0]) })
  }
}

/// A poll's part of the page; written as JSON outside the lock.
struct PageChanges: Sendable {
  var items: [PageItem] = []
  var timeline: [(number: Int, entry: TimelineEntry)] = []

  var members: [JSON.Member] {
    guard !(items.isEmpty && timeline.isEmpty) else { return [] }
    return [
      .init("items", .array(items.map(\.json))),
      .init("timeline", .array(timeline.map { $0.entry.json(number: $0.number) })),
    ]
  }
}

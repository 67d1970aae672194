import SluiceCore
import SluiceServices

/// What operators can change.
struct Actions {
  let ledger: any InspectableLedger
  let quarantine: QuarantineReplay
  let wake: WakeSender
  let clocks: any Clocks
  /// Dead letters of one transaction.
  var batch = 500

  struct Result {
    /// Where to go on, below the console, with its query if it has one.
    let page: String
    let notice: Notice
  }

  /// - Returns: `nil` where there is no such action, or where a field holds what cannot be.
  func perform(_ segments: [String], _ form: FormFields) throws(LedgerError) -> Result? {
    switch segments {
    case ["dead", "replay"], ["dead", "drop"]:
      let letters = DeadLetterForm(form)
      guard let filter = letters.filter else { return nil }
      return try perform(segments[1], on: filter, letters)
    case ["pause"], ["resume"]: return try pause(form, isResume: segments == ["resume"])
    case ["quarantine", "replay"]:
      guard let row = form["row"].flatMap({ Int64($0) }) else { return nil }
      return try replay(quarantined: row)
    case ["quarantine", "replay-all"]:
      let name = form["channel"].flatMap(ChannelName.init)
      let after = form["after"].flatMap { Int64($0) }
      // What cannot be must not mean all.
      guard name != nil || form["channel"] ?? "" == "", after != nil || form["after"] ?? "" == ""
      else { return nil }
      return try replayQuarantine(of: name, after: after ?? 0)
    default: return nil
    }
  }

  private func pause(_ form: FormFields, isResume: Bool) throws(LedgerError) -> Result? {
    guard let name = form["channel"].flatMap(ChannelName.init),
      let destination = Pause.destinations.first(where: { $0.description == form["destination"] })
    else { return nil }
    let pause = Pause(channel: name, destination: destination)
    if isResume {
      _ = try ledger.resume(pause)
      wake.wake(for: name)
    } else {
      try ledger.pause(pause)
    }
    return Result(page: "channels/\(name)", notice: Notice(isResume ? .resumed : .paused))
  }

  // MARK: Dead letters

  /// A batch at a time, so that nobody waits long for the ledger, and for as long as a browser may wait.
  private func perform(
    _ action: String, on filter: DeadLetterFilter, _ form: DeadLetterForm
  ) throws(LedgerError) -> Result {
    let isReplay = action == "replay"
    let all = try ledger.count(filter)
    let channels = try channels(of: filter)
    let end = clocks.boot + Self.budget
    var done = 0
    // The oldest go first, so that what dies again meanwhile is not taken once more.
    while done < all {
      let limit = min(batch, all - done)
      let count =
        isReplay
        ? try ledger.replay(filter, limit: limit, now: clocks.wall)
        : try ledger.drop(filter, limit: limit)
      done += count
      guard count == limit, clocks.boot < end else { break }
    }
    if isReplay { for channel in channels { wake.wake(for: channel) } }
    let query = form.query()
    return Result(
      page: form.id.isEmpty ? "dead" + (query.isEmpty ? "" : "?\(query)") : "messages/\(form.id)",
      notice: Notice(
        isReplay ? .replayed : .dropped, count: done,
        left: done < all ? try ledger.count(filter) : 0))
  }

  /// Whose they are is known only as long as they are there.
  private func channels(of filter: DeadLetterFilter) throws(LedgerError) -> [ChannelName] {
    if let channel = filter.channel { return [channel] }
    if filter.id != nil { return try ledger.deadLetters(filter, limit: 1).map(\.channel) }
    return try ledger.troubles().filter { $0.deadLetters > 0 }.map(\.channel)
  }

  // MARK: Quarantine

  private func replay(quarantined row: Int64) throws(LedgerError) -> Result {
    guard let webhook = try ledger.webhook(row) else {
      return Result(page: "quarantine", notice: Notice(.gone))
    }
    let kind: Notice.Kind =
      switch try quarantine.replay(webhook) {
      case .understood: .understood
      case .notUnderstood: .strange
      case .noChannel: .channelGone
      case .full: .full
      case .gone: .gone
      }
    if kind == .understood { wake.wake(for: webhook.channel) }
    return Result(page: "quarantine", notice: Notice(kind))
  }

  /// The oldest first, so that what contacts wrote keeps its order, for as long as a browser may wait. What
  /// is not understood stays, so the page's next one begins behind the last one that was looked at.
  private func replayQuarantine(
    of channel: ChannelName?, after: Int64
  ) throws(LedgerError) -> Result {
    let end = clocks.boot + Self.budget
    var (understood, stayed) = (0, 0)
    var channels: Set<ChannelName> = []
    var last = after
    var isOver = false
    search: while !isOver {
      let webhooks = try ledger.quarantine(of: channel, after: last, limit: 50)
      isOver = webhooks.isEmpty
      for webhook in webhooks {
        guard clocks.boot < end else { break search }
        last = webhook.row
        switch try quarantine.replay(webhook) {
        case .understood:
          understood += 1
          channels.insert(webhook.channel)
        case .notUnderstood, .noChannel, .full: stayed += 1
        case .gone: break
        }
      }
    }
    for channel in channels { wake.wake(for: channel) }
    let fields = [
      ("channel", channel?.description ?? ""),
      ("after", isOver ? "" : String(last)),
    ]
    let query = FormFields.encode(fields.filter { !$0.1.isEmpty })
    return Result(
      page: "quarantine" + (query.isEmpty ? "" : "?\(String(decoding: query, as: UTF8.self))"),
      notice: Notice(isOver ? .read : .readSome, count: understood, left: stayed))
  }

  /// Nanoseconds that one click may take.
  private static let budget: UInt64 = 2_000_000_000
}

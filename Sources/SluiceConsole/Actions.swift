import SluiceCore
import SluiceServices

/// What operators can change.
struct Actions {
  let ledger: any InspectableLedger
  let quarantine: QuarantineReplay
  let wake: WakeSender
  /// Unix milliseconds.
  let now: Int64

  struct Result {
    /// Where to go on, below the console.
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
    case ["pause"], ["resume"]:
      guard let name = form["channel"].flatMap(ChannelName.init),
        let destination = Destination.allCases.first(where: {
          $0.description == form["destination"]
        })
      else { return nil }
      let pause = Pause(channel: name, destination: destination)
      if segments == ["pause"] {
        try ledger.pause(pause)
      } else {
        try ledger.resume(pause)
        wake.wake(for: name)
      }
      return Result(
        page: "channels/\(name)", notice: Notice(segments == ["pause"] ? .paused : .resumed))
    case ["quarantine", "replay"]:
      guard let row = form["row"].flatMap({ Int64($0) }) else { return nil }
      return try replay(quarantined: row)
    default: return nil
    }
  }

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

  private func perform(
    _ action: String, on filter: DeadLetterFilter, _ form: DeadLetterForm
  ) throws(LedgerError) -> Result {
    // Whose they are is known only as long as they are there.
    let channels = Set(
      try ledger.deadLetters(filter, limit: DeadLetterForm.most).map(\.channel))
    let isReplay = action == "replay"
    let count =
      isReplay
      ? try ledger.replay(filter, limit: DeadLetterForm.most, now: now)
      : try ledger.drop(filter, limit: DeadLetterForm.most)
    if isReplay { for channel in channels { wake.wake(for: channel) } }
    return Result(
      page: form.id.isEmpty ? "dead" : "messages/\(form.id)",
      notice: Notice(isReplay ? .replayed : .dropped, count: count))
  }
}

/// What was done, as the next page's address says it: a word of ours and a number, so that no address
/// can put other words on the page.
struct Notice {
  enum Kind: String, CaseIterable {
    case replayed, dropped, paused, resumed, understood, strange, channelGone, full, gone
  }

  let kind: Kind
  let count: Int

  init(_ kind: Kind, count: Int = 1) {
    self.kind = kind
    self.count = count
  }

  init?(_ query: FormFields) {
    guard let kind = query["done"].flatMap(Kind.init),
      let count = query["count"].flatMap({ Int($0) }),
      (0...1_000_000).contains(count)
    else { return nil }
    self.init(kind, count: count)
  }

  var query: String { "done=\(kind.rawValue)&count=\(count)" }

  var shown: (text: String, tone: Tone) {
    switch kind {
    case .replayed:
      count == 0
        ? ("There was no such dead letter any more.", .warm)
        : ("\(Words.count(count, "dead letter")) queued anew.", .good)
    case .dropped: ("\(Words.count(count, "dead letter")) dropped.", .good)
    case .paused: ("Paused. What comes is accepted, and waits.", .warm)
    case .resumed: ("Resumed.", .good)
    case .understood: ("Understood, and taken out of quarantine.", .good)
    case .strange: ("It is still not understood, and stays in quarantine.", .warm)
    case .channelGone:
      ("Its channel is not there any more, or cannot be read. Nothing was changed.", .bad)
    case .full: ("As much waits in its channel as may. Nothing was changed.", .warm)
    case .gone: ("It was not in quarantine any more.", .warm)
    }
  }
}

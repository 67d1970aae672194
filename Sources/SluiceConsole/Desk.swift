import SluiceCore

/// Gathers what the pages show.
struct Desk {
  let settings: Settings
  let ledger: any InspectableLedger
  let live: any LiveStatus
  /// Unix milliseconds.
  let now: Int64

  func overview(filter: String, page: Int) throws(LedgerError) -> OverviewPage {
    let states = try states()
    var totals = OverviewPage.Totals()
    totals.channels = states.count
    totals.relayAge = live.relayAge
    totals.needsRelay = settings.server.carry == .relay
    for state in states {
      totals.troubled += state.urgency(now: now) > 1 ? 1 : 0
      totals.queued += state.queued
      totals.oldest = [totals.oldest, state.oldest].compactMap { $0 }.min()
      totals.deadLetters += state.deadLetters
      totals.quarantined += state.quarantined
      totals.hour = Self.sum(totals.hour, live.history(.hour, of: state.name))
      totals.day = Self.sum(totals.day, live.history(.day, of: state.name))
    }
    let found = states.filter { filter.isEmpty || $0.name.description.contains(filter) }
    let urgencies = found.map { $0.urgency(now: now) }
    let order = found.indices.sorted { (-urgencies[$0], $0) < (-urgencies[$1], $1) }
    let pages = max((found.count + Self.rows - 1) / Self.rows, 1)
    let page = min(max(page, 1), pages)
    let shown = order.dropFirst((page - 1) * Self.rows).prefix(Self.rows).map { index in
      var state = found[index]
      look(at: &state)
      return state
    }
    return OverviewPage(
      totals: totals, channels: shown, filter: filter, page: page, pages: pages)
  }

  /// - Returns: `nil` where there is no such channel.
  func channel(_ name: ChannelName) throws(LedgerError) -> ChannelPage? {
    guard var state = try states(only: name).first else { return nil }
    look(at: &state)
    return ChannelPage(
      state: state, day: live.history(.day, of: name),
      lanes: try ledger.lanes(of: name, queue: nil, limit: 50),
      latest: try ledger.messages(MessageSearch(channel: name, limit: 10)).messages)
  }

  func queue() throws(LedgerError) -> QueuePage {
    let queues = try ledger.overview().sorted {
      ($0.firstQueued ?? .max, $0.channel) < ($1.firstQueued ?? .max, $1.channel)
    }
    var names: [ChannelName] = []
    for queue in queues where !names.contains(queue.channel) && names.count < 8 {
      names.append(queue.channel)
    }
    var channels: [QueuePage.ChannelQueues] = []
    for name in names {
      guard let state = try states(only: name).first else { continue }
      let lanes = try ledger.lanes(of: name, queue: nil, limit: 8)
      channels.append(QueuePage.ChannelQueues(state: state, lanes: lanes))
    }
    return QueuePage(queues: queues, channels: channels)
  }

  func messages(_ form: MessageForm) throws(LedgerError) -> MessagesPage {
    guard let search = form.search(limit: 50) else {
      return MessagesPage(
        form: form, messages: [],
        problem: "“\(form.channel)” is no channel's name. It consists of \(ChannelName.rule).")
    }
    guard form.word.isEmpty else {
      let found = try ledger.find(form.word, on: search.channel, limit: 50)
      return MessagesPage(form: form, messages: found.messages, parked: found.parked)
    }
    let page = try ledger.messages(search)
    return MessagesPage(form: form, messages: page.messages, next: page.next)
  }

  /// - Returns: `nil` where there is no such message.
  func trace(_ id: MessageID) throws(LedgerError) -> TracePage? {
    guard let trace = try ledger.trace(id) else { return nil }
    let name = trace.message.channel
    let state = try states(only: name).first ?? ChannelView(name: name)
    return TracePage(trace: trace, story: TraceStory(trace, state.state, now: now))
  }

  func deadLetters(_ form: DeadLetterForm) throws(LedgerError) -> DeadLettersPage {
    guard let filter = form.filter else {
      return DeadLettersPage(form: form, letters: [], hasMore: false)
    }
    let letters = try ledger.deadLetters(filter, limit: 51)
    return DeadLettersPage(
      form: form, letters: Array(letters.prefix(50)), hasMore: letters.count > 50)
  }

  func quarantine(channel: String, before: Int64?) throws(LedgerError) -> QuarantinePage {
    let name = ChannelName(channel)
    guard channel.isEmpty || name != nil else {
      return QuarantinePage(channel: channel, webhooks: [], next: nil)
    }
    let webhooks = try ledger.quarantine(of: name, before: before, limit: 25)
    return QuarantinePage(
      channel: channel, webhooks: webhooks, next: webhooks.count < 25 ? nil : webhooks.last?.row)
  }

  // MARK: - Channels

  /// The channels of the settings, and those that only the ledger still knows, as far as memory and
  /// the ledger's counts tell.
  private func states(only name: ChannelName? = nil) throws(LedgerError) -> [ChannelView] {
    let queues = try ledger.overview()
    let troubles = try ledger.troubles()
    let pauses = Set(try ledger.pauses())
    var states: [ChannelName: ChannelView] = [:]
    let known = queues.map(\.channel) + troubles.map(\.channel)
    for channel in settings.channels.names() + known where name == nil || channel == name {
      guard states[channel] == nil else { continue }
      var state = ChannelView(name: channel)
      for destination in Destination.allCases {
        state.calls[destination] = ChannelView.CallState(
          status: live.destination(destination, of: channel),
          isPaused: pauses.contains(Pause(channel: channel, destination: destination)))
      }
      states[channel] = state
    }
    for queue in queues {
      states[queue.channel]?.queued += queue.queued
      states[queue.channel]?.unknown += queue.unknown
      // Questions are asked hours later; nobody waits for them.
      guard queue.queue != .check, let since = queue.firstQueued else { continue }
      let oldest = states[queue.channel]?.oldest ?? since
      states[queue.channel]?.oldest = min(oldest, since)
    }
    for trouble in troubles {
      states[trouble.channel]?.deadLetters = trouble.deadLetters
      states[trouble.channel]?.quarantined = trouble.quarantined
    }
    return states.values.sorted { $0.name < $1.name }
  }

  /// Adds what costs more: only for channels that are shown.
  private func look(at state: inout ChannelView) {
    state.hour = live.history(.hour, of: state.name)
    do throws(SettingsError) {
      guard let channel = try settings.channels.channel(state.name) else { return }
      state.hasFallback = channel.fallback != nil
      state.provider = [channel.main, channel.fallback].compactMap { $0?.providerName }
        .joined(separator: ", then ")
    } catch {
      state.isUnreadable = true
    }
  }

  private static func sum(_ a: [HistoryPoint], _ b: [HistoryPoint]) -> [HistoryPoint] {
    guard a.count == b.count else { return b }
    return zip(a, b).map { a, b in
      HistoryPoint(
        start: a.start, accepted: a.accepted + b.accepted, delivered: a.delivered + b.delivered,
        failed: a.failed + b.failed)
    }
  }

  /// Channels on a page.
  private static let rows = 25
}

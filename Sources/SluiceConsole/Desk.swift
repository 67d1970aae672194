import SluiceCore

/// Gathers what the pages show.
struct Desk {
  let settings: Settings
  let ledger: any InspectableLedger
  let live: any LiveStatus
  /// Unix milliseconds.
  let now: Int64

  func overview(filter: String, page: Int) throws(LedgerError) -> OverviewPage {
    let counts = try Counts(ledger)
    // Some may be known to the ledger alone: their settings are gone.
    let states = states(of: settings.channels.names() + counts.channels, counts)
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
    let counts = try Counts(ledger)
    guard isKnown(name) || counts.channels.contains(name),
      var state = states(of: [name], counts).first
    else { return nil }
    look(at: &state)
    return ChannelPage(
      state: state, day: live.history(.day, of: name),
      lanes: try ledger.lanes(of: name, queue: nil, limit: 50),
      latest: try ledger.messages(MessageSearch(channel: name, limit: 10)).messages)
  }

  func queue() throws(LedgerError) -> QueuePage {
    let counts = try Counts(ledger)
    let queues = counts.queues.sorted {
      ($0.firstQueued ?? .max, $0.channel) < ($1.firstQueued ?? .max, $1.channel)
    }
    var names: [ChannelName] = []
    for queue in queues
    where queue.queue != .check && !names.contains(queue.channel) && names.count < 8 {
      names.append(queue.channel)
    }
    var channels: [QueuePage.ChannelQueues] = []
    let states = states(of: names, counts)
    for name in names {
      guard let state = states.first(where: { $0.name == name }) else { continue }
      let lanes = try ledger.lanes(of: state.name, queue: nil, limit: 8)
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
    let state = states(of: [name], try Counts(ledger)).first ?? ChannelView(name: name)
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

  /// What the ledger counts of all channels.
  private struct Counts {
    let queues: [QueueOverview]
    let troubles: [ChannelTroubles]
    let pauses: Set<Pause>

    init(_ ledger: any InspectableLedger) throws(LedgerError) {
      queues = try ledger.overview()
      troubles = try ledger.troubles()
      pauses = Set(try ledger.pauses())
    }

    var channels: [ChannelName] { queues.map(\.channel) + troubles.map(\.channel) }
  }

  /// How channels stand, as far as memory and the ledger's counts tell; in the order of their names.
  private func states(of names: [ChannelName], _ counts: Counts) -> [ChannelView] {
    var states: [ChannelName: ChannelView] = [:]
    for name in names where states[name] == nil {
      var state = ChannelView(name: name)
      for destination in Destination.allCases {
        state.calls[destination] = ChannelView.CallState(
          status: live.destination(destination, of: name),
          isPaused: counts.pauses.contains(Pause(channel: name, destination: destination)))
      }
      states[name] = state
    }
    // Questions are asked hours later; nobody waits for them.
    for queue in counts.queues where queue.queue != .check {
      states[queue.channel]?.queued += queue.queued
      states[queue.channel]?.unknown += queue.unknown
      guard let since = queue.firstQueued else { continue }
      let oldest = states[queue.channel]?.oldest ?? since
      states[queue.channel]?.oldest = min(oldest, since)
    }
    for trouble in counts.troubles {
      states[trouble.channel]?.deadLetters = trouble.deadLetters
      states[trouble.channel]?.quarantined = trouble.quarantined
    }
    return states.values.sorted { $0.name < $1.name }
  }

  /// Whether the settings know a channel, readable or not.
  private func isKnown(_ name: ChannelName) -> Bool {
    do throws(SettingsError) {
      return try settings.channels.channel(name) != nil
    } catch {
      return true
    }
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

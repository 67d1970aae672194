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
    let counts = try Counts(ledger, of: name)
    let latest = try ledger.messages(MessageSearch(channel: name, limit: 10)).messages
    guard isKnown(name) || !latest.isEmpty || counts.channels.contains(name),
      var state = states(of: [name], counts).first
    else { return nil }
    look(at: &state)
    return ChannelPage(
      state: state, day: live.history(.day, of: name),
      lanes: try LaneList(of: name, in: ledger, limit: 50), latest: latest)
  }

  /// - Parameter page: From 1.
  func queue(page: Int) throws(LedgerError) -> QueuePage {
    let counts = try Counts(ledger)
    // Questions are asked hours later, so they would be the oldest: they come last.
    func order(_ queue: QueueOverview) -> (Int, Int64, ChannelName) {
      (queue.queue == .check ? 1 : 0, queue.oldestQueued ?? .max, queue.channel)
    }
    let queues = counts.queues.sorted { order($0) < order($1) }
    let pages = max((queues.count + Self.queueRows - 1) / Self.queueRows, 1)
    let page = min(max(page, 1), pages)
    let shown = Array(queues.dropFirst((page - 1) * Self.queueRows).prefix(Self.queueRows))
    var names: [ChannelName] = []
    for queue in shown where queue.queue != .check && !names.contains(queue.channel) {
      names.append(queue.channel)
    }
    let first = names.prefix(Self.queueChannels)
    var channels: [QueuePage.ChannelQueues] = []
    let states = states(of: Array(first), counts)
    for name in first {
      guard var state = states.first(where: { $0.name == name }) else { continue }
      learn(about: &state)
      channels.append(
        QueuePage.ChannelQueues(
          state: state, lanes: try LaneList(of: name, in: ledger, limit: 8)))
    }
    return QueuePage(
      totals: QueuePage.Totals(queues), queues: shown, channels: channels,
      hasMoreChannels: names.count > first.count, page: page, pages: pages)
  }

  func messages(_ form: MessageForm) throws(LedgerError) -> MessagesPage {
    let search: MessageSearch
    do throws(MessageForm.Problem) {
      search = try form.search(limit: 50)
    } catch {
      return MessagesPage(form: form, messages: [], problem: error.description)
    }
    if form.word.isEmpty || form.isNarrowed && search.contact != nil {
      let page = try ledger.messages(search)
      if !page.messages.isEmpty || form.word.isEmpty || form.before != nil {
        return MessagesPage(form: form, messages: page.messages, next: page.next)
      }
    }
    // An ID names one message, whatever else is asked for.
    let found = try ledger.find(form.word, on: search.channel, limit: 51)
    let shown = Array(found.messages.prefix(50))
    return MessagesPage(
      form: form, messages: shown, parked: found.parked,
      next: found.messages.count > 50 ? shown.last?.row : nil)
  }

  /// - Returns: `nil` where there is no such message.
  func trace(_ id: MessageID) throws(LedgerError) -> TracePage? {
    guard let trace = try ledger.trace(id) else { return nil }
    let name = trace.message.channel
    var state = states(of: [name], try Counts(ledger, of: name)).first ?? ChannelView(name: name)
    learn(about: &state)
    return TracePage(trace: trace, story: TraceStory(trace, state.state, now: now))
  }

  func deadLetters(_ form: DeadLetterForm) throws(LedgerError) -> DeadLettersPage {
    guard let filter = form.filter else {
      return DeadLettersPage(
        form: form, letters: [], all: 0, next: nil, problem: form.problem)
    }
    let page = try ledger.deadLetterPage(filter, before: form.before, limit: 50)
    return DeadLettersPage(
      form: form, letters: page.letters, all: try ledger.count(filter), next: page.next)
  }

  func quarantine(channel: String, before: Int64?) throws(LedgerError) -> QuarantinePage {
    let name = ChannelName(channel)
    guard channel.isEmpty || name != nil else {
      return QuarantinePage(
        channel: channel, webhooks: [], all: 0, next: nil,
        problem: MessageForm.Problem.noChannel(channel).description)
    }
    let webhooks = try ledger.quarantine(of: name, before: before, limit: 26)
    let shown = Array(webhooks.prefix(25))
    return QuarantinePage(
      channel: channel, webhooks: shown, all: try ledger.countQuarantine(of: name),
      next: webhooks.count > 25 ? shown.last?.row : nil)
  }

  // MARK: - Channels

  /// What the ledger counts of all channels, or of one.
  private struct Counts {
    let queues: [QueueOverview]
    let troubles: [ChannelTroubles]
    let pauses: Set<Pause>

    init(
      _ ledger: any InspectableLedger, of channel: ChannelName? = nil
    ) throws(LedgerError) {
      queues = try ledger.overview(of: channel)
      troubles = try ledger.troubles(of: channel)
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
      guard let since = queue.oldestQueued else { continue }
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
    learn(about: &state)
  }

  /// Adds what the settings say.
  private func learn(about state: inout ChannelView) {
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
  /// Queues on a page, and of how many of their channels it is shown who waits.
  private static let queueRows = 50
  private static let queueChannels = 8
}

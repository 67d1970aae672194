import SluiceCore
import SluicePages

/// One channel: its calls, what waits and why, what came last.
struct ChannelPage {
  let state: ChannelView
  let day: [HistoryPoint]
  let lanes: LaneList
  let latest: [MessageSummary]

  func content(_ visit: Visit) -> HTML {
    let name = state.name.description
    let findings = state.findings(now: visit.now)
    let badges: [HTML] =
      findings.isEmpty
      ? [Markup.badge("ok", .good)] : findings.map { Markup.badge($0.text, $0.tone) + " " }
    return """
      <p class="crumb"><a href="\(visit.base)/">Overview</a></p>
      <h1>\(name) <small>\(state.isUnreadable ? "Its settings cannot be read: sluice check says why." : state.provider ?? "")</small></h1>
      <p class="lead">\(badges)</p>
      <dl class="figures">\(figures(visit))</dl>
      <section aria-labelledby="calls"><h2 id="calls">Calls</h2>
      <div class="sides">\(sides.map { side($0, visit) })</div></section>
      <div class="charts">\(Chart(points: state.hour, span: .hour).figure)\
      \(Chart(points: day, span: .day).figure)</div>
      <section aria-labelledby="waiting"><h2 id="waiting">What waits</h2>
      \(LaneTable(list: lanes, channel: state).html(visit))</section>
      <section aria-labelledby="latest"><h2 id="latest">Latest messages</h2>
      \(MessageTable(messages: latest, showsChannel: false).html(visit))
      \(Markup.more("\(visit.base)/messages?channel=\(name)", "All messages of \(name)"))</section>
      """
  }

  private var sides: [Destination] {
    state.hasFallback ? [.platform, .provider, .fallback] : [.platform, .provider]
  }

  private func figures(_ visit: Visit) -> [HTML] {
    let wait = state.oldest.map { visit.now - $0 }
    let name = state.name.description
    return [
      Markup.figure("Waiting", "\(Words.count(state.queued))"),
      Markup.figure(
        "Oldest waits for", wait.map { "\(TimeSpan.text($0))" } ?? "–",
        wait.map { $0 > 60_000 } ?? false ? .warm : .calm),
      Markup.figure(
        "Dead letters",
        "<a href=\"\(visit.base)/dead?channel=\(name)\">\(Words.count(state.deadLetters))</a>",
        state.deadLetters > 0 ? .bad : .calm),
      Markup.figure(
        "In quarantine",
        "<a href=\"\(visit.base)/quarantine?channel=\(name)\">\(Words.count(state.quarantined))</a>",
        state.quarantined > 0 ? .warm : .calm),
    ]
  }

  private func side(_ destination: Destination, _ visit: Visit) -> HTML {
    let calls = state.calls(to: destination)
    let title = "To the \(destination)"
    let breaker: HTML =
      switch calls.status.breaker {
      case .closed: "answers"
      case .halfOpen: "is being tried again"
      case .open(let until):
        "does not answer; next try \(Words.distance(to: until, now: visit.now))"
      }
    return """
      <div class="side"><div><h3>\(title)</h3>\
      \(calls.isPaused ? Markup.badge("paused", .warm) : .none)\(button(destination, visit))</div>
      <dl class="facts">\(Markup.fact("Calls", Markup.meter(calls.status)))\
      \(Markup.fact("Last minute", "\(Words.rate(calls.status.lastMinute))"))\
      \(Markup.fact("The other side", breaker))\
      \(Markup.fact("Waits for the limit", "\(Words.count(Int(clamping: calls.status.waits)))"))</dl>
      <p class="note">\(effect(destination))</p></div>
      """
  }

  /// There is none for the fallback: what is paused is the way to the contacts, by either account.
  private func button(_ destination: Destination, _ visit: Visit) -> HTML {
    guard Pause.destinations.contains(destination) else { return .none }
    let isPaused = state.calls(to: destination).isPaused
    let verb = isPaused ? "Resume" : "Pause"
    return Markup.action(
      isPaused ? "resume" : "pause", verb, visit, kind: isPaused ? "primary" : "",
      label: "\(verb) calls to the \(destination)",
      fields: [("channel", state.name.description), ("destination", destination.description)])
  }

  private func effect(_ destination: Destination) -> String {
    switch destination {
    case .platform: "While paused, contacts' messages and statuses are accepted and wait."
    case .provider where state.hasFallback:
      "While paused, agents' messages are accepted and wait. The pause holds both accounts."
    case .provider: "While paused, agents' messages are accepted and wait."
    case .fallback:
      "The second account: called while the first is down, or refuses for a reason of its own."
        + " Pausing calls to the provider holds it too."
    }
  }
}

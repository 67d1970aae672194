import SluiceCore
import SluicePages

/// How everything stands, and which channels need somebody.
struct OverviewPage {
  /// Of the whole installation.
  struct Totals {
    var channels = 0
    var troubled = 0
    var queued = 0
    var oldest: Int64?
    var deadLetters = 0
    var quarantined = 0
    /// Milliseconds since a relay was last seen; `nil` if none was.
    var relayAge: Int64?
    /// Whether handlers carry, so that no relay is missed.
    var needsRelay = true
    var hour: [HistoryPoint] = []
    var day: [HistoryPoint] = []
  }

  let totals: Totals
  /// Those of this page, the most urgent first.
  let channels: [ChannelView]
  /// A part of the channels' names.
  let filter: String
  /// From 1.
  let page: Int
  let pages: Int

  func content(_ visit: Visit) -> HTML {
    """
    <h1>Overview</h1>
    <p class="lead">\(sentence)</p>
    <dl class="figures">\(figures(visit))</dl>
    <div class="charts">\(Chart(points: totals.hour, span: .hour).figure)\
    \(Chart(points: totals.day, span: .day).figure)</div>
    <section aria-labelledby="channels"><h2 id="channels">Channels</h2>
    \(search(visit))\(table(visit))\(paging(visit))</section>
    """
  }

  private var sentence: String {
    if totals.needsRelay, totals.relayAge.map({ $0 > 30_000 }) ?? true {
      let since = totals.relayAge.map { " for \(TimeSpan.text($0))" } ?? ""
      return "No relay has been seen\(since): what is accepted waits. Start sluice-relay."
    }
    switch (totals.channels, totals.troubled) {
    case (0, _): return "There are no channels yet. Write the first one's file into channels/."
    case (let all, 0):
      let open = totals.deadLetters + totals.quarantined
      return open == 0
        ? "All is well: \(Words.count(all, "channel")), nothing held up."
        : "Nothing is held up. What was given up or not understood waits for you."
    case (let all, let troubled):
      return
        "\(Words.count(troubled)) of \(Words.count(all, "channel")) need\(troubled == 1 ? "s" : "") a look."
    }
  }

  private func figures(_ visit: Visit) -> [HTML] {
    let wait = totals.oldest.map { visit.now - $0 }
    return [
      Markup.figure("Waiting", "<a href=\"\(visit.base)/queue\">\(Words.count(totals.queued))</a>"),
      Markup.figure(
        "Oldest waits for", wait.map { "\(TimeSpan.text($0))" } ?? "–",
        wait.map { $0 > 60_000 } ?? false ? .warm : .calm),
      Markup.figure(
        "Dead letters", "<a href=\"\(visit.base)/dead\">\(Words.count(totals.deadLetters))</a>",
        totals.deadLetters > 0 ? .bad : .calm),
      Markup.figure(
        "In quarantine",
        "<a href=\"\(visit.base)/quarantine\">\(Words.count(totals.quarantined))</a>",
        totals.quarantined > 0 ? .warm : .calm),
    ]
  }

  private func search(_ visit: Visit) -> HTML {
    guard pages > 1 || !filter.isEmpty else { return .none }
    return """
      <form method="get" action="\(visit.base)/" class="filter" role="search">\
      \(Markup.field("Channel's name", name: "channel", value: filter))\
      <button class="button">Find</button></form>

      """
  }

  private func table(_ visit: Visit) -> HTML {
    Markup.table(
      "Channels, those that need a look first",
      [
        "Channel", "State", "To the platform", "To the provider", "Waiting", "Failures",
        "Last hour",
      ],
      channels.map { row($0, visit) }, hidesCaption: true,
      empty: filter.isEmpty ? "There are no channels." : "No channel's name contains “\(filter)”.")
  }

  private func row(_ channel: ChannelView, _ visit: Visit) -> [HTML] {
    let findings = channel.findings(now: visit.now)
    let state: [HTML] =
      findings.isEmpty
      ? [Markup.badge("ok", .good)] : findings.map { Markup.badge($0.text, $0.tone) + " " }
    let wait = channel.oldest.map { ", oldest \(TimeSpan.text(visit.now - $0))" } ?? ""
    return [
      """
      <a href="\(visit.base)/channels/\(channel.name.description)">\(channel.name.description)</a>\
      <small>\(channel.provider ?? "unknown")</small>
      """,
      "\(state)", Markup.meter(channel.calls(to: .platform).status),
      Markup.meter(channel.calls(to: .provider).status),
      channel.queued == 0
        ? "0" : "\(Words.count(channel.queued))<small>\(wait.dropFirst(2))</small>",
      failures(channel, visit), Chart(points: channel.hour, span: .hour).spark,
    ]
  }

  private func failures(_ channel: ChannelView, _ visit: Visit) -> HTML {
    var links: [HTML] = []
    if channel.deadLetters > 0 {
      links.append(
        "<a class=\"is-bad\" href=\"\(visit.base)/dead?channel=\(channel.name.description)\">\(Words.count(channel.deadLetters)) dead</a> "
      )
    }
    if channel.quarantined > 0 {
      links.append(
        "<a href=\"\(visit.base)/quarantine?channel=\(channel.name.description)\">\(Words.count(channel.quarantined)) in quarantine</a>"
      )
    }
    return links.isEmpty ? "0" : HTML(links)
  }

  private func paging(_ visit: Visit) -> HTML {
    let query = FormFields.percent(filter)
    return Markup.paging(page, of: pages, label: "Pages of channels") {
      "\(visit.base)/?channel=\(query)&page=\($0)"
    }
  }
}

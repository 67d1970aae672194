import SluiceCore
import SluicePages

/// Webhooks that came from the provider and that nobody understood.
struct QuarantinePage {
  /// The filter, as it was written.
  let channel: String
  let webhooks: [StoredWebhook]
  /// How many match, on all pages.
  let all: Int
  /// Where older ones begin; `nil` at the end.
  let next: Int64?
  /// Behind which a replay of all goes on; `nil` where it begins.
  var after: Int64?
  /// Why nothing was looked for.
  var problem: String?

  func content(_ visit: Visit) -> HTML {
    let more = next.map {
      "\(visit.base)/quarantine?channel=\(FormFields.percent(channel))&before=\($0)"
    }
    return """
      <h1>Quarantine</h1>
      <p class="lead">Webhooks that the provider sent, and that its adapter did not understand. \
      Replay them when it does.</p>
      <form method="get" action="\(visit.base)/quarantine" class="filter" role="search">
      \(Markup.field("Channel", name: "channel", value: channel))
      <button class="button">Show</button></form>
      \(problem.map { "<p class=\"notice bad\" role=\"alert\">\($0)</p>" } ?? .none)\(bulk(visit))
      \(Markup.table("Webhooks in quarantine, newest first", ["Came", "Channel", "Why", "Then"], webhooks.map { row($0, visit) }, hidesCaption: true, empty: "Nothing is in quarantine."))
      \(Markup.more(more, "Older webhooks", shown: webhooks.count, of: all))
      """
  }

  private func bulk(_ visit: Visit) -> HTML {
    guard webhooks.count > 1 else { return .none }
    let which =
      (after == nil
        ? "all \(Words.count(all)) webhooks" : "the webhooks that have not been read yet,")
      + (channel.isEmpty ? " of all channels" : " of \(channel)")
    let fields = [("channel", channel), ("after", after.map { String($0) } ?? "")]
    return """
      <div class="actions">\(Markup.confirmed("Replay all…", "This reads \(which) with today's adapters. What is understood is taken in and leaves quarantine; the rest stays.", Markup.action("quarantine/replay-all", "Replay all", visit, kind: "primary", fields: fields)))</div>
      """
  }

  private func row(_ webhook: StoredWebhook, _ visit: Visit) -> [HTML] {
    let name = webhook.channel.description
    return [
      "\(Words.time(webhook.receivedAt, now: visit.now))",
      "<a href=\"\(visit.base)/channels/\(name)\">\(name)</a>",
      "\(webhook.problem ?? "")\(WebhookView(webhook: webhook).html(visit))",
      Markup.action(
        "quarantine/replay", "Replay", visit,
        label: "Replay the webhook of \(Timestamp.text(webhook.receivedAt))",
        fields: [("row", String(webhook.row))]),
    ]
  }
}

/// A webhook as it came, without its secrets.
struct WebhookView {
  let webhook: StoredWebhook

  func html(_ visit: Visit) -> HTML {
    let type = webhook.contentType.map { ", \($0)" } ?? ""
    return Markup.raw(
      "As received, \(Words.count(webhook.body.isEmpty ? webhook.query.utf8.count : webhook.body.count, "byte"))\(type)",
      webhook.body.isEmpty
        ? Redaction.redact(webhook.query) : Redaction.readable(webhook.body))
  }
}

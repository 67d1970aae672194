import SluiceCore
import SluicePages

/// One message: what became of it, and everything that happened on the way.
struct TracePage {
  let trace: MessageTrace
  let story: TraceStory

  func content(_ visit: Visit) -> HTML {
    let message = trace.message
    let preposition = message.direction == .outbound ? "to" : "from"
    return """
      <p class="crumb"><a href="\(visit.base)/messages">Messages</a></p>
      <h1>Message \(preposition) \(message.contact.description)</h1>
      <p class="verdict \(tone.rawValue)">\(story.verdict)</p>
      \(actions(visit))
      <blockquote class="said">\(said)</blockquote>
      <section aria-labelledby="happened"><h2 id="happened">What happened</h2>
      <ol class="timeline">\(steps(visit))</ol></section>
      <section aria-labelledby="facts"><h2 id="facts">Facts</h2>
      <dl class="facts">\(facts(visit))</dl></section>
      \(parts)\(webhooks(visit))
      """
  }

  private var tone: Tone {
    switch story.mood {
    case .good: .good
    case .open: .warm
    case .bad: .bad
    }
  }

  /// All of what it says.
  private var said: String {
    guard let json = try? JSONReader.read(trace.message.content),
      let content = try? MessageContent(json: json)
    else { return trace.message.preview }
    return content.plainText
  }

  private func actions(_ visit: Visit) -> HTML {
    guard !trace.deadLetters.isEmpty else { return .none }
    let fields = [("id", trace.message.id.description)]
    return """
      <div class="actions">\(Markup.action("dead/replay", "Replay", visit, kind: "primary", fields: fields))\
      \(Markup.confirmed("Drop…", "It is forgotten, and not sent.", Markup.action("dead/drop", "Drop", visit, kind: "danger", fields: fields)))</div>
      """
  }

  private func steps(_ visit: Visit) -> [HTML] {
    let first = story.steps.first?.at ?? 0
    let done: [HTML] = story.steps.map { step in
      let after: HTML =
        step.at == first
        ? .none : "<span class=\"after\">+\(TimeSpan.text(step.at - first))</span>"
      let raw =
        step.detail.map {
          Markup.raw(
            "Answer", Redaction.readable(Array($0.utf8)), isOpen: step.isTrouble)
        } ?? .none
      return """
        <li class="\(step.isTrouble ? "is-bad" : "")">\
        <p class="when">\(Words.time(step.at, now: visit.now, precise: true))\(after)</p>\
        <div><p><b>\(step.side)</b> \(step.text)</p>\(raw)</div></li>

        """
    }
    let open: [HTML] = story.open.map { reason in
      "<li class=\"is-open\"><p class=\"when\">waiting</p><div><p>\(reason)</p></div></li>\n"
    }
    return done + open
  }

  /// The webhooks that brought it, and that told of it.
  private func webhooks(_ visit: Visit) -> HTML {
    let brought = trace.webhook.map { [("The message", $0)] } ?? []
    let told = trace.callbacks.compactMap { callback in
      callback.webhook.map { ("The report “\(callback.status)”", $0) }
    }
    let all = brought + told
    guard !all.isEmpty else { return .none }
    let views: [HTML] = all.map { title, webhook in
      "<div><h3>\(title)</h3>\(WebhookView(webhook: webhook).html(visit))</div>"
    }
    return """
      <section aria-labelledby="received"><h2 id="received">From the provider</h2>
      <div class="received">\(views)</div></section>
      """
  }

  private func facts(_ visit: Visit) -> [HTML] {
    let message = trace.message
    let name = message.channel.description
    let contact = FormFields.percent(message.contact.description)
    return [
      Markup.fact("Status", MessageTable.status(message)),
      Markup.fact("Channel", "<a href=\"\(visit.base)/channels/\(name)\">\(name)</a>"),
      Markup.fact(
        "Contact",
        "<a href=\"\(visit.base)/messages?q=\(contact)\">\(message.contact.description)</a>"),
      Markup.fact("Our ID (mId)", "<code>\(message.id.description)</code>"),
      message.externalID.map { Markup.fact("Provider's ID", "<code>\($0)</code>") } ?? .none,
      Markup.fact("Accepted", Words.time(message.createdAt, now: visit.now, precise: true)),
      Markup.fact("Status since", Words.time(message.statusSince, now: visit.now, precise: true)),
      message.direction == .outbound
        ? Markup.fact("Told the platform", "\(trace.reported?.description ?? "nothing yet")")
        : .none,
    ]
  }

  private var parts: HTML {
    guard trace.parts.count > 1 || trace.parts.contains(where: { $0.externalID != nil }) else {
      return .none
    }
    let rows: [[HTML]] = trace.parts.map { part in
      [
        "\(part.number + 1)", Markup.badge(part.status.description, .calm),
        part.externalID.map { "<code>\($0)</code>" } ?? "–", "\(part.reason ?? "–")",
      ]
    }
    return """
      <section aria-labelledby="parts"><h2 id="parts">Parts</h2>
      \(Markup.table("Parts of the message", ["Part", "Status", "Provider's ID", "Reason"], rows, hidesCaption: true, empty: ""))</section>
      """
  }
}

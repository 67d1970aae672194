import SluiceCore
import SluicePages

/// Messages in a list.
struct MessageTable {
  let messages: [MessageSummary]
  var showsChannel = true
  var empty = "No messages."

  func html(_ visit: Visit) -> HTML {
    let columns = ["Time", "Message"] + (showsChannel ? ["Channel"] : []) + ["Contact", "Status"]
    return Markup.table(
      "Messages, newest first", columns, messages.map { row($0, visit) }, hidesCaption: true,
      empty: empty)
  }

  private func row(_ message: MessageSummary, _ visit: Visit) -> [HTML] {
    let name = message.channel.description
    let channel: HTML = "<a href=\"\(visit.base)/channels/\(name)\">\(name)</a>"
    let reason: HTML = message.reason.map { "<small>\($0)</small>" } ?? .none
    return [
      "<a href=\"\(visit.base)/messages/\(message.id.description)\">\(Words.time(message.createdAt, now: visit.now))</a>",
      "<span class=\"excerpt\">\(Self.arrow(message.direction)) \(message.preview)</span>",
    ] + (showsChannel ? [channel] : []) + [
      "\(message.contact.description)", Self.status(message) + reason,
    ]
  }

  static func arrow(_ direction: MessageDirection) -> HTML {
    let (sign, word) =
      switch direction {
      case .outbound: ("→", "to the contact")
      case .inbound: ("←", "from the contact")
      case .echo: ("⇠", "written outside the platform")
      }
    return
      "<span class=\"arrow\" role=\"img\" aria-label=\"\(word)\" title=\"\(word)\">\(sign)</span>"
  }

  static func status(_ message: MessageSummary) -> HTML {
    let tone: Tone =
      switch message.status {
      case .queued: .warm
      case .sent: .calm
      case .delivered, .read: .good
      case .failed: .bad
      }
    // The platform is who an inbound message is delivered to.
    let word =
      message.direction != .outbound && message.status == .delivered
      ? "at the platform" : message.status.description
    return Markup.badge(word, tone)
  }
}

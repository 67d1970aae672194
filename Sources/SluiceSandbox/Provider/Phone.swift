import SluiceCore

/// Something written on the phone: what the provider reports to Sluice.
struct PhoneMessage: Equatable, Sendable {
  let contact: String
  let content: MessageContent
  var name: String?
  /// Written by the business outside the platform, with `contact` as its customer.
  var isEcho = false
  /// Sluice's own ID, where it is an echo of what Sluice sent.
  var reference: String?

  /// What a person sees of it.
  var summary: (kind: String, text: String, url: String?) {
    switch content {
    case .text(let text): ("text", text, nil)
    case .attachment(let file):
      (
        file.kind.rawValue, file.description ?? file.fileName ?? "",
        file.privateReference == nil ? file.url : nil
      )
    case .location(let latitude, let longitude, let address):
      ("location", address ?? "\(latitude), \(longitude)", nil)
    case .quickReply(let title, let replies):
      ("quick_reply", ([title] + replies).joined(separator: "\n"), nil)
    }
  }
}

/// Something Sluice asked the provider to send.
struct ProviderMessage: Equatable, Sendable {
  let to: String
  /// Sluice's own ID for it; empty if it gave none.
  var reference: String
  var kind = "text"
  let text: String
  var url: String?

  /// The message as an echo shows it; `nil` where that cannot be.
  func echo(reference: String?) -> PhoneMessage? {
    let content: MessageContent?
    if let url {
      content = try? MessageContent(
        json: [
          "type": "attachment",
          "attachment": .object(present: [
            ("type", .string(kind)), ("url", .string(url)),
            ("description", text.isEmpty ? nil : .string(text)),
          ]),
        ])
    } else {
      content = text.isEmpty ? nil : .text(text)
    }
    return content.map {
      PhoneMessage(contact: to, content: $0, isEcho: true, reference: reference)
    }
  }
}

/// Numbers with a behaviour of their own, to show what goes wrong in real life without waiting for
/// it. Any other number works. They come from the range that is kept for fiction (NANP, 555-01XX).
enum PhoneBehaviour: CaseIterable {
  case works
  /// The provider refuses the send.
  case invalid
  /// The send is taken, and fails later.
  case unreachable
  /// Delivered, and never read.
  case unread

  init(number: String) {
    self = Self.allCases.first { $0.number == number } ?? .works
  }

  var number: String? {
    switch self {
    case .works: nil
    case .invalid: "+15005550101"
    case .unreachable: "+15005550102"
    case .unread: "+15005550103"
    }
  }

  /// The delivery reports that follow a send, and after how many milliseconds.
  func reports(_ delays: ReportDelays) -> [(after: Int, report: DeliveryReport)] {
    switch self {
    case .unreachable:
      delays.delivered.map {
        [($0, .failed(code: "30003", reason: "The phone is switched off or out of reach"))]
      } ?? []
    case .invalid: []
    case .works, .unread:
      (delays.delivered.map { [($0, .delivered)] } ?? [])
        + (self == .works ? delays.read.map { [($0, .read)] } ?? [] : [])
    }
  }
}

/// What the provider says of a message, in its own words: `sent`, `delivered`, `read`, `failed`, or
/// whatever a test makes it say.
struct DeliveryReport: Equatable, Sendable {
  let status: String
  var code: String?
  var reason: String?

  static let delivered = DeliveryReport(status: "delivered")
  static let read = DeliveryReport(status: "read")

  static func failed(code: String, reason: String) -> DeliveryReport {
    DeliveryReport(status: "failed", code: code, reason: reason)
  }
}

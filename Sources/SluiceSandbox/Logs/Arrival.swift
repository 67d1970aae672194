import SluiceCore

/// One event that reached the platform, or a request of which no event could be read. Kept small:
/// throughput tests make hundreds of thousands.
struct Arrival: Sendable {
  enum Kind: UInt8, Sendable {
    /// The request was refused before its events were read.
    case unread
    case message, echo, status

    var name: String {
      switch self {
      case .unread: "unread"
      case .message: "message"
      case .echo: "message_echo"
      case .status: "message_status"
      }
    }
  }

  /// Nanoseconds of `CLOCK_BOOTTIME`, when the request began to be worked on.
  let boot: UInt64
  /// Numbers the request; events of one request share it.
  let request: UInt32
  let channel: UInt16
  /// The HTTP status answered; 0 where the connection was closed instead.
  let answer: UInt16
  let kind: Kind
  let status: DeliveryStatus?
  /// The platform took the event, whatever it answered: a fault can spoil the answer alone.
  let isTaken: Bool
  /// The event was taken before: same mId, and for a status the same value.
  let isRepeat: Bool
  /// The event's own, Unix milliseconds; 0 where it could not be read.
  let timestamp: Int64
  let contact: String
  let mID: String
  /// The head of the text; see ``maximumTextBytes``.
  let text: String

  static let maximumTextBytes = 120

  func json(number: Int, channel name: String) -> JSON {
    .object(present: [
      ("n", .integer(Int64(number))),
      ("boot", .integer(Int64(boot))),
      ("request", .integer(Int64(request))),
      ("channel", .string(name)),
      ("answer", .integer(Int64(answer))),
      ("type", .string(kind.name)),
      ("contact", contact.isEmpty ? nil : .string(contact)),
      ("mId", mID.isEmpty ? nil : .string(mID)),
      ("status", status.map { .string($0.description) }),
      ("timestamp", timestamp == 0 ? nil : .integer(timestamp)),
      ("text", text.isEmpty ? nil : .string(text)),
      ("taken", .bool(isTaken)),
      ("repeat", isRepeat ? true : nil),
    ])
  }
}

extension String {
  /// At most `limit` bytes of UTF-8, cut between scalars.
  func head(bytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var head = ""
    var count = 0
    for scalar in unicodeScalars {
      count += UTF8.width(scalar)
      guard count <= limit else { break }
      head.unicodeScalars.append(scalar)
    }
    return head
  }
}

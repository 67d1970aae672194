import SluiceCore

/// One event of a platform request, as far as it could be read.
struct PlatformEvent: Equatable, Sendable {
  enum Content: Equatable, Sendable {
    /// `kind` is the protocol's `message.type`; `text` what a person would see of it.
    case message(kind: String, text: String, url: String?)
    case echo(kind: String, text: String, url: String?)
    case status(DeliveryStatus, reason: String?)
  }

  let mID: String
  /// Unix milliseconds.
  var timestamp: Int64 = 0
  let content: Content

  /// What tells a repeat from something new: a status repeats when its value does.
  var identity: String {
    if case .status(let status, _) = content { "\(status) \(mID)" } else { mID }
  }
}

/// What a request to the platform says, and which rules it breaks.
struct PlatformReading: Equatable, Sendable {
  /// The customer; empty where it could not be read.
  var contact = ""
  /// The customer's name, where the request gives one.
  var name: String?
  var events: [PlatformEvent] = []
  /// Elements of `events`, those that could not be read included.
  var count = 0
  var violations: [Violation] = []
}

import SluiceCore

/// A provider that the sandbox plays, as pure functions: the mirror of Sluice's adapter for it.
/// Whoever adds a provider here writes one type like this and a case of ``ProviderAccount``.
protocol ProviderPlay: Sendable {
  /// Whether a repeated reference is recognised, and answered with the first ID.
  var isIdempotent: Bool { get }

  /// The path below the channel that takes sends.
  var sendPath: String { get }

  /// Reads a request to send.
  /// - Parameter recognisesKeys: Whether repeats are told by a key, which then has to be there.
  /// - Throws: The answer to one that cannot be taken as a whole.
  func messages(in request: HTTPRequest, recognisesKeys: Bool) throws(ProviderRefusal)
    -> [ProviderMessage]

  /// A new ID in this provider's form.
  func makeID() -> String

  /// The answer to a request whose messages had these results, in their order.
  func answer(_ results: [(message: ProviderMessage, result: SendResult)], now: Int64)
    -> HTTPResponse

  /// The answer that a fault asks for.
  func failure(status: Int) -> HTTPResponse

  /// Reads a request that asks about one message; `nil` where this is none.
  /// - Throws: The answer to one that cannot be taken.
  func lookup(in request: HTTPRequest, path: String) throws(ProviderRefusal) -> LookupQuery?

  /// The answer to a lookup; `nil` is a message that the provider does not know.
  func answer(_ result: LookupResult?) -> HTTPResponse

  /// Reads a request for private media, by its ID; `nil` where this is none.
  /// - Throws: The answer to one that cannot be taken.
  func mediaID(in request: HTTPRequest, path: String) throws(ProviderRefusal) -> String?

  /// The webhook for something written on the phone; `nil` where this provider has no such thing.
  func webhook(_ message: PhoneMessage, id: String, to base: String, now: Int64) -> HTTPCall?

  /// The webhook for a delivery report; `nil` where this provider does not report that.
  /// - Parameter message: Without its reference where the report shall not name it.
  /// - Parameter sent: Unix milliseconds of the send.
  func webhook(
    _ report: DeliveryReport, of message: ProviderMessage, id: String, sent: Int64,
    to base: String, now: Int64
  ) -> HTTPCall?
}

extension ProviderPlay {
  func lookup(in request: HTTPRequest, path: String) throws(ProviderRefusal) -> LookupQuery? { nil }
  func mediaID(in request: HTTPRequest, path: String) throws(ProviderRefusal) -> String? { nil }
  func answer(_ result: LookupResult?) -> HTTPResponse { failure(status: 404) }
}

/// What the provider says to one message.
enum SendResult: Equatable, Sendable {
  case taken(id: String)
  case refused(code: String, reason: String)

  static let invalidNumber = SendResult.refused(
    code: "INVALID_RECIPIENT", reason: "This number cannot receive messages.")
}

/// A request that is refused as a whole.
struct ProviderRefusal: Error, Equatable, Sendable {
  let response: HTTPResponse
}

extension ProviderAccount {
  func play(secret: Secret) -> any ProviderPlay {
    switch self {
    case .sandbox(let key): SandboxPlay(apiKey: key, webhookSecret: secret)
    case .clickSend(let username, let key):
      ClickSendPlay(username: username, apiKey: key, webhookSecret: secret)
    }
  }
}

enum RandomID {
  /// 32 hexadecimal digits.
  static func hex() -> String {
    [UInt64.random(in: 0...(.max)), .random(in: 0...(.max))]
      .map { number in
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
      }.joined()
  }

  /// In the form of a UUID, in capitals.
  static func uuid() -> String {
    var digits = Array(hex().uppercased())
    for place in [20, 16, 12, 8] { digits.insert("-", at: place) }
    return String(digits)
  }
}

import SluiceCore

/// How one channel's far ends behave until told otherwise: what tests set before they send.
struct ChannelOptions: Equatable, Sendable {
  enum Echoes: String, CaseIterable, Sendable { case none, before, after }

  /// Callbacks name Sluice's own ID for the message.
  var hasReference = true
  /// The provider does not recognise idempotency keys.
  var isForgetful = false
  /// Every message sent through the API is echoed, before or after the answer to the send.
  var echoes = Echoes.none
  /// Events that the platform takes in one call; more are refused with 422.
  var maximumEvents: Int
  /// The callbacks that follow each send, instead of the usual reports.
  var steps: [CallbackStep]?

  var json: JSON {
    [
      "reference": .bool(hasReference), "forgetful": .bool(isForgetful),
      "echo": .string(echoes.rawValue), "maxEvents": .integer(Int64(maximumEvents)),
      "script": steps.map { .integer(Int64($0.count)) } ?? .null,
    ]
  }

  /// Changes what `json` names; the rest stays.
  mutating func change(_ json: JSON) throws(InterfaceError) {
    if let value = json["reference"] { hasReference = try Self.flag(value, "reference") }
    if let value = json["forgetful"] { isForgetful = try Self.flag(value, "forgetful") }
    if let value = json["echo"] {
      guard let echoes = value.string.flatMap(Echoes.init) else {
        throw InterfaceError(400, "echo must be none, before or after.")
      }
      self.echoes = echoes
    }
    if let value = json["maxEvents"] {
      guard let number = value.integer, (1...1_000).contains(number) else {
        throw InterfaceError(400, "maxEvents must be a whole number from 1 to 1000.")
      }
      maximumEvents = Int(number)
    }
  }

  private static func flag(_ value: JSON, _ name: String) throws(InterfaceError) -> Bool {
    guard let flag = value.bool else { throw InterfaceError(400, "\(name) must be true or false.") }
    return flag
  }
}

import SluiceCore

/// The rules of `events[].status`: its form, and its place in the message's life.
enum StatusRules {
  static func read(
    _ json: JSON, at path: String, failing violations: inout [Violation]
  ) -> PlatformEvent.Content? {
    var fields = FieldReader(json, at: path, allowing: ["value", "message"])
    defer { violations += fields.violations }
    let reason = fields.optionalString("message", .status)
    guard let value = fields.string("value", .status) else { return nil }
    guard let status = DeliveryStatus(value), status != .queued else {
      fields.fail(
        .status, "\(path).value is \"\(value.escaped)\"; send sent, delivered, read or failed.")
      return nil
    }
    return .status(status, reason: reason)
  }

  enum Decision: Equatable {
    /// The message's status becomes this.
    case advance
    /// The same status once more.
    case repeated
    /// Its mId may be in an answer that is still on its way to us.
    case early
    case violation(Violation)
  }

  /// Judges a status by what is known of its message.
  /// - Parameters:
  ///   - current: The message's status; `nil` where `/message` never returned that mId.
  ///   - isAnswerAwaited: A call of ours to the channel's `/message` has not been answered yet.
  static func decide(
    _ status: DeliveryStatus, mID: String, current: DeliveryStatus?, isAnswerAwaited: Bool
  ) -> Decision {
    guard let current else {
      return isAnswerAwaited
        ? .early
        : .violation(
          Violation(
            .unknownStatus,
            "\(status) is for mId \"\(mID.escaped)\", which /message never returned."))
    }
    if status == current { return .repeated }
    guard current.canBecome(status) else {
      return .violation(
        Violation(
          .backwardStatus,
          "\(status) for mId \"\(mID.escaped)\" came after \(current); statuses only move forward.")
      )
    }
    return .advance
  }
}

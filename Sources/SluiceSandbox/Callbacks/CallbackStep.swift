import SluiceCore

/// A callback about a message that was sent through the provider's API: what it shall say, and when.
/// Tests order them one by one, or as what follows every send.
struct CallbackStep: Equatable, Sendable {
  enum Content: Equatable, Sendable {
    case report(DeliveryReport)
    /// The message itself, as one that the business wrote.
    case echo
  }

  enum When: String, CaseIterable, Sendable {
    /// Counted from the moment the message was taken, whether or not that has been answered.
    case taken
    /// Before the send is answered: the answer waits until Sluice has answered the callback.
    case before
    /// Counted from the moment the answer has left.
    case answered
  }

  /// What the callback says of Sluice's own ID for the message.
  enum Reference: Equatable, Sendable {
    /// As the channel's options say.
    case usual
    case present, absent
    case other(String)
  }

  var content: Content
  var when = When.taken
  /// Milliseconds after `when`.
  var after = 0
  /// How often it is posted; 0 is not at all, so that only lookups tell the status.
  var times = 1
  /// The repeats leave at the same time on threads of their own, rather than one after the other.
  var isTogether = false
  /// How far in the past its time stamp lies, in milliseconds.
  var age: Int64 = 0
  /// Another ID than the message's.
  var id: String?
  var reference = Reference.usual
  /// Attempts after the first, while Sluice does not answer with 2xx.
  var retries = Callback.maximumRetries
}

/// Why a description of a step is not understood.
struct CallbackStepError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension CallbackStep {
  static let names = [
    "type", "status", "code", "reason", "when", "milliseconds", "times", "together",
    "ageMilliseconds", "id", "reference", "retries",
  ]

  /// Reads the test interface's form.
  init(json: JSON) throws(CallbackStepError) {
    guard let members = json.members else { throw CallbackStepError("A step must be an object.") }
    if let stranger = members.first(where: { !Self.names.contains($0.name) }) {
      throw CallbackStepError(
        "A step has no \(stranger.name.escaped); known are \(Self.names.joined(separator: ", ")).")
    }
    switch json["type"]?.string ?? "status" {
    case "status":
      guard let status = json["status"]?.string, !status.isEmpty else {
        throw CallbackStepError("A step of type status needs status, any word.")
      }
      content = .report(
        DeliveryReport(
          status: status, code: json["code"]?.string, reason: json["reason"]?.string))
    case "echo": content = .echo
    default: throw CallbackStepError("A step's type must be status or echo.")
    }
    if let name = json["when"] {
      guard let known = name.string.flatMap(When.init) else {
        throw CallbackStepError("when must be taken, before or answered.")
      }
      when = known
    }
    after = try Self.integer("milliseconds", in: 0...3_600_000, of: json) ?? 0
    times = try Self.integer("times", in: 0...100, of: json) ?? 1
    isTogether = json["together"]?.bool ?? false
    age = Int64(try Self.integer("ageMilliseconds", in: 0...315_360_000_000, of: json) ?? 0)
    id = json["id"]?.string
    retries =
      try Self.integer("retries", in: 0...Callback.maximumRetries, of: json)
      ?? Callback.maximumRetries
    switch json["reference"] {
    case nil: break
    case .bool(let isPresent)?: reference = isPresent ? .present : .absent
    case .string(let text)?: reference = .other(text)
    default: throw CallbackStepError("reference must be true, false, or the text to say instead.")
    }
  }

  /// Reads an array of steps.
  static func list(_ json: JSON) throws(CallbackStepError) -> [CallbackStep] {
    guard let array = json.array, array.count <= 100 else {
      throw CallbackStepError("steps must be an array of at most 100.")
    }
    var steps: [CallbackStep] = []
    for element in array { steps.append(try CallbackStep(json: element)) }
    return steps
  }

  private static func integer(
    _ name: String, in range: ClosedRange<Int>, of json: JSON
  ) throws(CallbackStepError) -> Int? {
    guard let value = json[name] else { return nil }
    guard let number = value.integer, range.contains(Int(number)) else {
      throw CallbackStepError(
        "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return Int(number)
  }
}

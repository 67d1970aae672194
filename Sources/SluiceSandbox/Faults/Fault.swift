import SluiceCore

/// Something that shall go wrong, until it has happened `remaining` times or is cleared.
struct Fault: Equatable, Sendable {
  enum Target: String, CaseIterable, Sendable {
    /// Calls to the platform.
    case platform
    /// Sends through the provider's API.
    case provider
    /// Questions to the provider about one message.
    case lookup
    /// Fetches of private media.
    case media
    /// What the provider posts to Sluice.
    case callbacks
  }

  enum Kind: Equatable, Sendable {
    /// The answer, or the callback, comes later.
    case delay(milliseconds: Int)
    /// This HTTP status is answered; nothing is taken, unless `isTaken`.
    case status(Int, retryAfter: Int?)
    /// The connection is closed without an answer.
    case close
    /// The same after so long: for a caller with more patience than that, and silence for one with
    /// less.
    case hang(milliseconds: Int)
    /// A callback is posted twice.
    case duplicate
    /// Every other callback is held back, so that later ones overtake it.
    case reorder(milliseconds: Int)
  }

  let target: Target
  /// `nil` is every channel.
  let channel: String?
  /// `nil` is every contact.
  let contact: String?
  let kind: Kind
  /// Whether the request is worked on although the answer is spoiled: what a peer does that fails
  /// after its commit.
  let isTaken: Bool
  /// Of those requests it could hit, the part it hits.
  let probability: Double
  /// How often it can still hit; `nil` is until cleared.
  var remaining: Int?
  var hits = 0

  init(
    target: Target, channel: String? = nil, contact: String? = nil, kind: Kind,
    isTaken: Bool = false,
    probability: Double = 1, remaining: Int? = nil
  ) {
    self.target = target
    self.channel = channel
    self.contact = contact
    self.kind = kind
    self.isTaken = isTaken
    self.probability = probability
    self.remaining = remaining
  }
}

/// Why a description of a fault is not understood.
struct FaultError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension Fault {
  /// Milliseconds; below the 60 s after which nginx would answer 504 by itself.
  static let usualHang = 50_000

  /// Reads the test interface's form.
  init(json: JSON) throws(FaultError) {
    guard let target = json["target"]?.string.flatMap(Target.init) else {
      throw FaultError("target must be platform, provider, lookup, media or callbacks.")
    }
    let milliseconds = try Self.integer("milliseconds", in: 0...120_000, of: json)
    let kind: Kind
    switch (json["kind"]?.string, target == .callbacks) {
    case ("delay", _):
      guard let milliseconds else { throw FaultError("delay needs milliseconds.") }
      kind = .delay(milliseconds: milliseconds)
    case ("status", false):
      guard let status = try Self.integer("status", in: 200...599, of: json) else {
        throw FaultError("status needs status, the HTTP status to answer.")
      }
      kind = .status(status, retryAfter: try Self.integer("retryAfter", in: 0...86_400, of: json))
    case ("close", false): kind = .close
    case ("hang", false): kind = .hang(milliseconds: milliseconds ?? Self.usualHang)
    case ("duplicate", true): kind = .duplicate
    case ("reorder", true): kind = .reorder(milliseconds: milliseconds ?? 2_000)
    default:
      throw FaultError(
        "kind must be delay, status, close or hang for platform, provider and lookup; delay,"
          + " duplicate or reorder for callbacks.")
    }
    let probability = json["probability"]?.number ?? 1
    guard (0...1).contains(probability) else {
      throw FaultError("probability must be a number from 0 to 1.")
    }
    self.init(
      target: target, channel: json["channel"]?.string, contact: json["contact"]?.string,
      kind: kind,
      isTaken: json["taken"]?.bool ?? false, probability: probability,
      remaining: try Self.integer("count", in: 1...1_000_000_000, of: json))
  }

  private static func integer(
    _ name: String, in range: ClosedRange<Int>, of json: JSON
  ) throws(FaultError) -> Int? {
    guard let value = json[name] else { return nil }
    guard let number = value.integer, range.contains(Int(number)) else {
      throw FaultError(
        "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).")
    }
    return Int(number)
  }

  var json: JSON {
    let (name, milliseconds, status, retryAfter): (JSON, Int?, Int?, Int?) =
      switch kind {
      case .delay(let milliseconds): ("delay", milliseconds, nil, nil)
      case .status(let status, let retryAfter): ("status", nil, status, retryAfter)
      case .close: ("close", nil, nil, nil)
      case .hang(let milliseconds): ("hang", milliseconds, nil, nil)
      case .duplicate: ("duplicate", nil, nil, nil)
      case .reorder(let milliseconds): ("reorder", milliseconds, nil, nil)
      }
    return .object(present: [
      ("target", .string(target.rawValue)), ("channel", channel.map(JSON.string)),
      ("contact", contact.map(JSON.string)), ("kind", name),
      ("milliseconds", milliseconds.map { .integer(Int64($0)) }),
      ("status", status.map { .integer(Int64($0)) }),
      ("retryAfter", retryAfter.map { .integer(Int64($0)) }),
      ("taken", .bool(isTaken)), ("probability", .double(probability)),
      ("count", remaining.map { .integer(Int64($0)) }), ("hits", .integer(Int64(hits))),
    ])
  }
}

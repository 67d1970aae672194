import Foundation
import SluiceCore
import Testing

/// The sandbox's test interface, as the tests use it.
struct Sandbox {
  static let contact = "+60123456789"
  let stack: Stack

  init(_ stack: Stack) { self.stack = stack }

  /// Writes on the phone; returns once the provider's webhook is on its way.
  func phone(_ text: String, channel: String = "demo", contact: String = contact) throws {
    _ = try stack.json(
      "POST", "/sandbox/api/phone",
      ["channel": .string(channel), "contact": .string(contact), "text": .string(text)])
  }

  /// Tells the platform's end of an mId that a test got from `/message` itself.
  func learn(_ mId: String, channel: String) throws {
    _ = try stack.json(
      "POST", "/sandbox/api/mids", ["channel": .string(channel), "mIds": [.string(mId)]])
  }

  /// Lets the platform's end take statuses of any mId.
  func learnAny(channel: String) throws {
    _ = try stack.json(
      "POST", "/sandbox/api/mids", ["channel": .string(channel), "any": true])
  }

  func arrivals(on channel: String) throws -> [JSON] {
    try entries("arrivals", on: channel)
  }

  /// A log's entries, a page at a time: a client takes an answer of at most a megabyte.
  private func entries(
    _ log: String, on channel: String, _ query: String = "", limit: Int = 2_000
  ) throws -> [JSON] {
    var entries: [JSON] = []
    var since: Int64 = 0
    while true {
      let page = try stack.json(
        "GET", "/sandbox/api/\(log)?channel=\(channel)&limit=\(limit)&since=\(since)\(query)")
      entries += page["entries"]?.array ?? []
      since = page["next"]?.integer ?? .max
      if since >= page["end"]?.integer ?? 0 { return entries }
    }
  }

  /// The texts that the platform's end took, by contact, in their order of arrival without repeats:
  /// ``summary(texts:)`` has them too, for as many as fit into a megabyte.
  func texts(on channel: String = "demo") throws -> [String: [String]] {
    var texts: [String: [String]] = [:]
    for arrival in try arrivals(on: channel)
    where arrival["taken"]?.bool == true && arrival["repeat"] == nil
      && ["message", "message_echo"].contains(arrival["type"]?.string)
    {
      texts[arrival["contact"]?.string ?? "", default: []].append(arrival["text"]?.string ?? "")
    }
    return texts
  }

  func summary(texts: Bool = false) throws -> JSON {
    try stack.json("GET", "/sandbox/api/arrivals?summary=1&texts=\(texts ? 1 : 0)")
  }

  func sends(on channel: String) throws -> [JSON] {
    try entries("sends", on: channel)
  }

  func violations() throws -> [JSON] {
    try stack.json("GET", "/sandbox/api/violations")["violations"]?.array ?? []
  }

  /// The first arrival at the platform that matches, once it is there.
  func arrival(on channel: String, where matches: (JSON) -> Bool) throws -> JSON? {
    try eventually { try arrivals(on: channel).first(where: matches) }
  }

  func send(on channel: String, where matches: (JSON) -> Bool) throws -> JSON? {
    try eventually { try sends(on: channel).first(where: matches) }
  }

  /// The statuses that the platform took of a message, in their order, once there are `count`.
  func statuses(of mId: String, channel: String, count: Int) throws -> [String] {
    let found = try eventually {
      let statuses = try arrivals(on: channel)
        .filter { $0["mId"]?.string == mId && $0["type"]?.string == "message_status" }
        .compactMap { $0["status"]?.string }
      return statuses.count >= count ? statuses : nil
    }
    return found ?? []
  }

  func fault(_ fault: JSON) throws { _ = try stack.json("POST", "/sandbox/api/faults", fault) }

  func clearFaults() throws {
    _ = stack.call("DELETE", "/sandbox/api/faults", headers: [])
  }
}

extension Sandbox {
  /// Events that the platform's end has taken on a channel, repeats not counted.
  func taken(on channel: String) throws -> Int {
    let summary = try stack.json(
      "GET", "/sandbox/api/arrivals?channel=\(channel)&summary=1&texts=0")
    return Int(summary["channels"]?[channel]?["mIds"]?.integer ?? 0)
  }
}

// MARK: - What becomes of a send

extension Sandbox {
  /// Makes the next `count` sends lose their answer.
  /// - Parameters:
  ///   - isTaken: Whether the message reaches the phone all the same.
  ///   - silence: Milliseconds until the connection is closed; `nil` is at once.
  ///   - count: `nil` is until the faults are cleared.
  func loseAnswers(
    count: Int? = 1, isTaken: Bool, silence: Int? = nil, channel: String = "demo",
    contact: String? = nil
  ) throws {
    try fault(
      .object(present: [
        ("target", "provider"), ("kind", silence == nil ? "close" : "hang"),
        ("milliseconds", silence.map { .integer(Int64($0)) }), ("taken", .bool(isTaken)),
        ("count", count.map { .integer(Int64($0)) }), ("channel", .string(channel)),
        ("contact", contact.map(JSON.string)),
      ]))
  }

  /// Makes the next `count` sends be taken at once and answered so much later.
  func delayAnswers(count: Int? = 1, milliseconds: Int, channel: String = "demo") throws {
    try fault(
      .object(present: [
        ("target", "provider"), ("kind", "delay"), ("milliseconds", .integer(Int64(milliseconds))),
        ("count", count.map { .integer(Int64($0)) }), ("channel", .string(channel)),
      ]))
  }

  /// Makes the next `count` lookups fail; with 404, as if there were no such message.
  func failLookups(count: Int? = 1, status: Int, channel: String = "demo") throws {
    try fault(
      .object(present: [
        ("target", "lookup"), ("kind", "status"), ("status", .integer(Int64(status))),
        ("count", count.map { .integer(Int64($0)) }), ("channel", .string(channel)),
      ]))
  }

  /// Lets all answers go that are held back now.
  func release() throws { _ = try stack.json("POST", "/sandbox/api/release", [:]) }

  enum Echoes: String { case none, before, after }

  /// Sets how both far ends of a channel behave; what is `nil` stays.
  func options(
    channel: String = "demo", reference: Bool? = nil, forgetful: Bool? = nil,
    echoes: Echoes? = nil, maximumEvents: Int? = nil
  ) throws {
    _ = try stack.json(
      "POST", "/sandbox/api/options",
      .object(present: [
        ("channel", .string(channel)), ("reference", reference.map(JSON.bool)),
        ("forgetful", forgetful.map(JSON.bool)), ("echo", echoes.map { .string($0.rawValue) }),
        ("maxEvents", maximumEvents.map { .integer(Int64($0)) }),
      ]))
  }

  /// One callback about a message that Sluice sent.
  struct Step {
    enum When: String { case taken, before, answered }
    enum Reference {
      case absent, present
      case other(String)
    }

    /// `nil` is an echo.
    var status: String?
    var code: String?
    var reason: String?
    var when = When.taken
    var after = 0
    var times = 1
    var together = false
    /// Milliseconds that its time stamp lies in the past.
    var age: Int64 = 0
    /// Another than the message's own.
    var id: String?
    /// `nil` is as the channel's options say.
    var reference: Reference?
    var retries: Int?

    static func status(_ word: String, after: Int = 0, when: When = .taken) -> Step {
      Step(status: word, when: when, after: after)
    }

    static func echo(after: Int = 0, when: When = .taken) -> Step {
      Step(status: nil, when: when, after: after)
    }

    var json: JSON {
      let reference: JSON? =
        switch self.reference {
        case nil: nil
        case .absent?: false
        case .present?: true
        case .other(let text)?: .string(text)
        }
      return .object(present: [
        ("type", status == nil ? "echo" : "status"), ("status", status.map(JSON.string)),
        ("code", code.map(JSON.string)), ("reason", reason.map(JSON.string)),
        ("when", .string(when.rawValue)), ("milliseconds", .integer(Int64(after))),
        ("times", .integer(Int64(times))), ("together", .bool(together)),
        ("ageMilliseconds", .integer(age)), ("id", id.map(JSON.string)),
        ("reference", reference), ("retries", retries.map { .integer(Int64($0)) }),
      ])
    }
  }

  /// Sets the callbacks that follow each send from now on; `nil` is the usual delivered and read.
  func script(_ steps: [Step]?, channel: String = "demo") throws {
    _ = try stack.json(
      "POST", "/sandbox/api/script",
      .object(present: [
        ("channel", .string(channel)), ("steps", steps.map { .array($0.map(\.json)) }),
      ]))
  }

  /// Posts callbacks about the message with that reference or provider's ID; without either, each step
  /// needs an ID of its own.
  func callBack(
    _ steps: [Step], reference: String? = nil, id: String? = nil, contact: String? = nil,
    channel: String = "demo"
  ) throws {
    _ = try stack.json(
      "POST", "/sandbox/api/callbacks",
      .object(present: [
        ("channel", .string(channel)), ("reference", reference.map(JSON.string)),
        ("id", id.map(JSON.string)), ("contact", contact.map(JSON.string)),
        ("steps", .array(steps.map(\.json))),
      ]))
  }

  /// Writes in the business's own app at the provider; returns the provider's ID of the echo.
  @discardableResult
  func app(_ text: String, channel: String = "demo", contact: String = contact) throws -> String {
    let answer = try stack.json(
      "POST", "/sandbox/api/phone",
      [
        "channel": .string(channel), "contact": .string(contact), "text": .string(text),
        "echo": true,
      ])
    return answer["id"]?.string ?? ""
  }
}

// MARK: - What arrived

extension Sandbox {
  /// A message on a phone, and how often it came there.
  struct PhoneMessage {
    let reference: String
    let to: String
    let text: String
    let times: Int
    /// The provider's, one for each time.
    let ids: [String]
    let status: String

    init(_ json: JSON) {
      reference = json["reference"]?.string ?? ""
      to = json["to"]?.string ?? ""
      text = json["text"]?.string ?? ""
      times = Int(json["times"]?.integer ?? 0)
      ids = json["ids"]?.array?.compactMap(\.string) ?? []
      status = json["status"]?.string ?? ""
    }
  }

  /// What is on the phones, in the order of first arrival.
  func messages(on channel: String = "demo", onlyDoubles: Bool = false) throws -> [PhoneMessage] {
    try entries("messages", on: channel, onlyDoubles ? "&doubles=1" : "", limit: 250)
      .map { PhoneMessage($0) }
  }

  /// The first message on a phone that matches, once it is there.
  func message(
    on channel: String = "demo", where matches: (PhoneMessage) -> Bool
  ) throws -> PhoneMessage? {
    try eventually { try messages(on: channel).first(where: matches) }
  }

  /// Different messages on the phones, arrivals there, and the difference.
  func phoneCounts(on channel: String = "demo") throws -> (
    messages: Int, arrivals: Int, doubles: Int
  ) {
    let counts = try stack.json("GET", "/sandbox/api/messages?channel=\(channel)&summary=1")[
      "channels"]?[channel]
    func count(_ name: String) -> Int { Int(counts?[name]?.integer ?? 0) }
    return (count("messages"), count("arrivals"), count("doubles"))
  }

  /// Sluice's questions about single messages, in their order.
  func lookups(on channel: String = "demo") throws -> [JSON] {
    try entries("lookups", on: channel)
  }

  /// The provider's attempts to post callbacks, with Sluice's answers, in their order.
  func attempts(on channel: String = "demo") throws -> [JSON] {
    try entries("attempts", on: channel)
  }

  /// Callbacks that are waiting or under way.
  func pendingCallbacks(on channel: String = "demo") throws -> Int {
    Int(try stack.json("GET", "/sandbox/api/callbacks")[channel]?["pending"]?.integer ?? 0)
  }

  /// The counts of everything that arrived at the platform; cheap however much that is.
  struct Totals {
    let calls: Int
    let events: Int
    /// The most events in one call.
    let largestCall: Int
    /// Different messages and echoes.
    let mIds: Int
    /// Events that came once more.
    let repeats: Int
    /// The most calls in any sliding second, refused ones included.
    let busiestSecond: Int
    /// Messages that came after one with a later time stamp, in all and by contact.
    let timestampDisorder: Int
    let timestampDisorderByContact: [String: Int]
    /// Messages that came after one whose text ends with a greater number.
    let numberDisorder: Int
    let numberDisorderByContact: [String: Int]
    /// Calls by HTTP status answered; "0" is none.
    let answers: [String: Int]
    let violations: Int

    init(_ json: JSON?) {
      func count(_ json: JSON?) -> Int { Int(json?.integer ?? 0) }
      func counts(_ json: JSON?) -> [String: Int] {
        Dictionary(
          (json?.members ?? []).map { ($0.name, count($0.value)) }, uniquingKeysWith: { $1 })
      }
      let (timestamps, numbers) = (json?["disorder"]?["timestamps"], json?["disorder"]?["numbers"])
      calls = count(json?["requests"])
      events = count(json?["events"])
      largestCall = count(json?["largestRequest"])
      mIds = count(json?["mIds"])
      repeats = count(json?["repeats"])
      busiestSecond = count(json?["busiestSecond"])
      timestampDisorder = count(timestamps?["total"])
      timestampDisorderByContact = counts(timestamps?["contacts"])
      numberDisorder = count(numbers?["total"])
      numberDisorderByContact = counts(numbers?["contacts"])
      answers = counts(json?["answers"])
      violations = count(json?["violations"])
    }
  }

  func totals(on channel: String = "demo") throws -> Totals {
    Totals(
      try stack.json("GET", "/sandbox/api/arrivals?channel=\(channel)&summary=1&texts=0")[
        "channels"]?[channel])
  }

  /// The mIds of the events taken, grouped by the call they came in, in order of arrival.
  func calls(on channel: String = "demo") throws -> [[String]] {
    var calls: [(number: Int64, mIds: [String])] = []
    for arrival in try arrivals(on: channel) where arrival["taken"]?.bool == true {
      let number = arrival["request"]?.integer ?? 0
      if calls.last?.number != number { calls.append((number, [])) }
      calls[calls.count - 1].mIds.append(arrival["mId"]?.string ?? "")
    }
    return calls.map(\.mIds)
  }
}

import SluiceCore

/// What a test asks of one channel's arrivals: how many, how fast, how often twice, in which order.
struct ArrivalSummary: Equatable, Sendable {
  /// Calls, whatever they were answered.
  fileprivate(set) var requests = 0
  fileprivate(set) var events = 0
  /// The most events in one call.
  fileprivate(set) var largestRequest = 0
  /// Calls by the HTTP status answered, `0` where the connection was closed.
  fileprivate(set) var answers: [UInt16: Int] = [:]
  /// The most calls in any sliding second, refused ones included.
  fileprivate(set) var busiestSecond = 0
  /// Different messages and echoes taken.
  fileprivate(set) var mIDs = 0
  /// Events taken once more.
  fileprivate(set) var repeats = 0
  /// How often too many, by mId; at most ``maximumNames`` of them.
  fileprivate(set) var repeated: [String: Int] = [:]
  fileprivate(set) var statuses: [DeliveryStatus: Int] = [:]
  /// Messages and echoes whose time stamp is older than that of one taken before, per contact.
  fileprivate(set) var timestampDisorder = Disorder()
  /// The same for the number at the end of the text. It says something where a test numbers its texts.
  fileprivate(set) var numberDisorder = Disorder()
  fileprivate(set) var firstBoot: UInt64 = 0
  fileprivate(set) var lastBoot: UInt64 = 0
  /// The texts taken, by contact, in their order of arrival; repeats left out.
  fileprivate(set) var texts: [String: [String]] = [:]

  static let maximumNames = 100

  /// How often what came later had been earlier.
  struct Disorder: Equatable, Sendable {
    private(set) var total = 0
    /// At most ``ArrivalSummary/maximumNames`` of them.
    private(set) var contacts: [String: Int] = [:]

    fileprivate mutating func add(_ contact: String) {
      total += 1
      if contacts[contact] != nil || contacts.count < maximumNames {
        contacts[contact, default: 0] += 1
      }
    }

    fileprivate var json: JSON {
      [
        "total": .integer(Int64(total)),
        "contacts": .counts(contacts.map { ($0, $1) }),
      ]
    }
  }

  /// - Parameters:
  ///   - arrivals: One channel's, in the order they were recorded.
  ///   - withTexts: Whether to list the texts, which may be many.
  init(_ arrivals: some Sequence<Arrival>, withTexts: Bool = true) {
    var counter = ArrivalCounter(withTexts: withTexts)
    for arrival in arrivals { counter.add(arrival) }
    self = counter.summary
  }

  fileprivate init() {}

  var json: JSON {
    .object([
      .init("requests", .integer(Int64(requests))),
      .init("events", .integer(Int64(events))),
      .init("largestRequest", .integer(Int64(largestRequest))),
      .init("answers", .counts(answers.map { (String($0), $1) })),
      .init("busiestSecond", .integer(Int64(busiestSecond))),
      .init("mIds", .integer(Int64(mIDs))),
      .init("repeats", .integer(Int64(repeats))),
      .init("repeated", .counts(repeated.map { ($0, $1) })),
      .init("statuses", .counts(statuses.map { ($0.description, $1) })),
      .init(
        "disorder", ["timestamps": timestampDisorder.json, "numbers": numberDisorder.json]),
      .init("firstBoot", .integer(Int64(firstBoot))),
      .init("lastBoot", .integer(Int64(lastBoot))),
      .init(
        "texts",
        .object(
          texts.sorted { $0.key < $1.key }.map {
            JSON.Member($0.key, .array($0.value.map(JSON.string)))
          })),
    ])
  }
}

/// Makes a summary, arrival by arrival: what it costs does not depend on how many have come.
struct ArrivalCounter: Sendable {
  private var counted = ArrivalSummary()
  private var seconds = BusiestSecond()
  private var lastRequest: UInt32?
  /// Events so far of the call that is being counted.
  private var size = 0
  private var marks = BoundedTable<Mark>(capacity: 100_000)
  private let withTexts: Bool

  /// The furthest that a contact's messages have come.
  private struct Mark: Sendable {
    var timestamp: Int64 = .min
    var number: Int64 = .min
  }

  init(withTexts: Bool = false) { self.withTexts = withTexts }

  var summary: ArrivalSummary {
    var summary = counted
    summary.busiestSecond = seconds.most
    return summary
  }

  /// - Parameter arrival: The events of one call come one after the other.
  mutating func add(_ arrival: Arrival) {
    if arrival.request != lastRequest {
      lastRequest = arrival.request
      size = 0
      counted.requests += 1
      counted.answers[arrival.answer, default: 0] += 1
      counted.firstBoot =
        counted.requests == 1 ? arrival.boot : min(counted.firstBoot, arrival.boot)
      counted.lastBoot = max(counted.lastBoot, arrival.boot)
      seconds.add(arrival.boot)
    }
    guard arrival.kind != .unread else { return }
    counted.events += 1
    size += 1
    counted.largestRequest = max(counted.largestRequest, size)
    guard arrival.isTaken else { return }
    guard !arrival.isRepeat else {
      counted.repeats += 1
      if counted.repeated[arrival.mID] != nil
        || counted.repeated.count < ArrivalSummary.maximumNames
      {
        counted.repeated[arrival.mID, default: 0] += 1
      }
      return
    }
    if let status = arrival.status {
      counted.statuses[status, default: 0] += 1
    } else {
      counted.mIDs += 1
      checkOrder(arrival)
      if withTexts { counted.texts[arrival.contact, default: []].append(arrival.text) }
    }
  }

  private mutating func checkOrder(_ arrival: Arrival) {
    var mark = marks[arrival.contact] ?? Mark()
    if arrival.timestamp < mark.timestamp { counted.timestampDisorder.add(arrival.contact) }
    mark.timestamp = max(mark.timestamp, arrival.timestamp)
    if let number = Self.number(atEndOf: arrival.text) {
      if number < mark.number { counted.numberDisorder.add(arrival.contact) }
      mark.number = max(mark.number, number)
    }
    marks.set(arrival.contact, mark)
  }

  /// The digits that a text ends with; `nil` for none, for more than 15, and for texts that were cut.
  static func number(atEndOf text: String) -> Int64? {
    guard text.utf8.count < Arrival.maximumTextBytes else { return nil }
    var (number, power): (Int64, Int64) = (0, 1)
    for byte in text.utf8.reversed() {
      guard (0x30...0x39).contains(byte) else { break }
      guard power <= 100_000_000_000_000 else { return nil }
      number += Int64(byte - 0x30) * power
      power *= 10
    }
    return power == 1 ? nil : number
  }
}

extension JSON {
  /// An object of numbers, by name.
  static func counts(_ counts: [(String, Int)]) -> JSON {
    .object(counts.sorted { $0.0 < $1.0 }.map { Member($0.0, .integer(Int64($0.1))) })
  }
}

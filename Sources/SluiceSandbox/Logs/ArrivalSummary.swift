import SluiceCore

/// What a test asks of one channel's arrivals: how many, how fast, how often twice, in which order.
struct ArrivalSummary: Equatable {
  private(set) var requests = 0
  private(set) var events = 0
  /// Requests by the HTTP status answered, `0` where the connection was closed.
  private(set) var answers: [UInt16: Int] = [:]
  /// The most requests in any sliding second, refused ones included.
  private(set) var busiestSecond = 0
  /// Different messages and echoes taken.
  private(set) var mIDs = 0
  /// Events taken once more.
  private(set) var repeats = 0
  /// How often too many, by mId; at most 100 of them.
  private(set) var repeated: [String: Int] = [:]
  private(set) var statuses: [DeliveryStatus: Int] = [:]
  private(set) var firstBoot: UInt64 = 0
  private(set) var lastBoot: UInt64 = 0
  /// The texts taken, by contact, in their order of arrival; repeats left out.
  private(set) var texts: [String: [String]] = [:]

  /// - Parameters:
  ///   - arrivals: One channel's, in the order they were recorded.
  ///   - withTexts: Whether to list the texts, which may be many.
  init(_ arrivals: some Sequence<Arrival>, withTexts: Bool = true) {
    var times: [UInt64] = []
    var lastRequest: UInt32?
    for arrival in arrivals {
      if arrival.request != lastRequest {
        lastRequest = arrival.request
        requests += 1
        answers[arrival.answer, default: 0] += 1
        times.append(arrival.boot)
      }
      guard arrival.kind != .unread else { continue }
      events += 1
      guard arrival.isTaken else { continue }
      guard !arrival.isRepeat else {
        repeats += 1
        if repeated[arrival.mID] != nil || repeated.count < 100 {
          repeated[arrival.mID, default: 0] += 1
        }
        continue
      }
      if let status = arrival.status {
        statuses[status, default: 0] += 1
      } else {
        mIDs += 1
        if withTexts { texts[arrival.contact, default: []].append(arrival.text) }
      }
    }
    times.sort()
    firstBoot = times.first ?? 0
    lastBoot = times.last ?? 0
    busiestSecond = SlidingWindow.maximum(in: times)
  }

  var json: JSON {
    .object([
      .init("requests", .integer(Int64(requests))),
      .init("events", .integer(Int64(events))),
      .init("answers", .counts(answers.map { (String($0), $1) })),
      .init("busiestSecond", .integer(Int64(busiestSecond))),
      .init("mIds", .integer(Int64(mIDs))),
      .init("repeats", .integer(Int64(repeats))),
      .init("repeated", .counts(repeated.map { ($0, $1) })),
      .init("statuses", .counts(statuses.map { ($0.description, $1) })),
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

extension JSON {
  /// An object of numbers, by name.
  static func counts(_ counts: [(String, Int)]) -> JSON {
    .object(counts.sorted { $0.0 < $1.0 }.map { Member($0.0, .integer(Int64($0.1))) })
  }
}

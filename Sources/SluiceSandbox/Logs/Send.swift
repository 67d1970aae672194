import SluiceCore

/// One request to send that reached the provider.
struct Send: Sendable {
  /// Nanoseconds of `CLOCK_BOOTTIME`, when the request began to be worked on.
  let boot: UInt64
  let channel: UInt16
  /// The HTTP status answered; 0 where the connection was closed instead.
  let answer: UInt16
  /// The provider put a message on the phone.
  let isTaken: Bool
  /// The reference was used before.
  let isRepeat: Bool
  let to: String
  let reference: String
  /// The provider's ID; empty where the send was refused.
  let externalID: String
  let text: String

  func json(number: Int, channel name: String) -> JSON {
    .object(present: [
      ("n", .integer(Int64(number))), ("boot", .integer(Int64(boot))), ("channel", .string(name)),
      ("answer", .integer(Int64(answer))), ("taken", .bool(isTaken)),
      ("repeat", isRepeat ? true : nil), ("to", .string(to)), ("reference", .string(reference)),
      ("id", externalID.isEmpty ? nil : .string(externalID)), ("text", .string(text)),
    ])
  }
}

/// What a test asks of one channel's sends.
struct SendSummary: Equatable {
  private(set) var requests = 0
  private(set) var taken = 0
  private(set) var repeats = 0
  private(set) var busiestSecond = 0
  private(set) var answers: [UInt16: Int] = [:]
  /// The texts on each phone, in their order.
  private(set) var texts: [String: [String]] = [:]

  init(_ sends: some Sequence<Send>, withTexts: Bool = true) {
    var times: [UInt64] = []
    for send in sends {
      requests += 1
      answers[send.answer, default: 0] += 1
      times.append(send.boot)
      if send.isRepeat { repeats += 1 }
      guard send.isTaken else { continue }
      taken += 1
      if withTexts { texts[send.to, default: []].append(send.text) }
    }
    times.sort()
    busiestSecond = SlidingWindow.maximum(in: times)
  }

  var json: JSON {
    [
      "requests": .integer(Int64(requests)), "taken": .integer(Int64(taken)),
      "repeats": .integer(Int64(repeats)), "busiestSecond": .integer(Int64(busiestSecond)),
      "answers": .counts(answers.map { (String($0), $1) }),
      "texts": .object(
        texts.sorted { $0.key < $1.key }.map {
          JSON.Member($0.key, .array($0.value.map(JSON.string)))
        }),
    ]
  }
}

/// Who sends on a channel: a number, a short code or a name, or whichever number of a powerpack.
/// Plivo writes numbers without a plus, in both directions.
/// Source: https://www.plivo.com/docs/messaging/api/messages/.
struct PlivoSender: Sendable {
  enum Kind: String, CaseIterable { case sms, mms }

  let kind: Kind
  private let from: String?
  private let powerpackID: String?

  init?(settings: inout SettingsReader) {
    let hasPowerpack = settings.has("powerpack_uuid")
    powerpackID = settings.optionalString(
      "powerpack_uuid", example: "86bbb125-97bb-4d72-89fd-81d5c515b015")
    from = hasPowerpack ? nil : settings.string("from", example: "+46710000002")
    if hasPowerpack, settings.has("from") {
      settings.problem(
        "from", "A powerpack picks the number itself. Remove this line, or powerpack_uuid.")
      return nil
    }
    kind = settings.choice("type", default: .sms)
    guard from != nil || powerpackID != nil else { return nil }
  }

  var members: [(String, JSON?)] {
    [
      ("src", from.map { .string(Self.withoutPlus($0)) }),
      ("powerpack_uuid", powerpackID.map(JSON.string)),
    ]
  }

  /// Whether an inbound message to that number is for this channel.
  func isAddressed(by number: String) -> Bool {
    guard let from else { return true }
    return Self.withoutPlus(number).utf8.elementsEqual(Self.withoutPlus(from).utf8)
  }

  /// Plivo takes 1,600 characters; ten segments are fewer in either alphabet.
  var limits: PartLimits {
    let text = PartLimits.Unit.smsSegments(maximum: 10)
    return PartLimits(text: text, media: kind == .mms ? .all(captions: text) : nil)
  }

  /// Of an account, by default; Plivo queues what exceeds it, and lets it expire after three hours.
  var rate: Double { kind == .mms ? 0.25 : 5 }

  static func withoutPlus(_ number: String) -> String {
    number.hasPrefix("+") ? String(number.dropFirst()) : number
  }
}

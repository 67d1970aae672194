/// Who sends on a channel: a number, a short code or a name, or whichever number of a messaging
/// profile's pool. Source: https://developers.telnyx.com/docs/messaging/messages/send-message.
struct TelnyxSender: Sendable {
  enum Kind: String, CaseIterable { case sms, mms }

  let kind: Kind
  private let from: String?
  private let profileID: String?

  init?(settings: inout SettingsReader) {
    let hasProfile = settings.has("messaging_profile_id")
    let example = "+46710000002"
    profileID = settings.optionalString(
      "messaging_profile_id", example: "740572b6-099c-44a1-89b9-6c92163bc68d")
    from =
      hasProfile
      ? settings.optionalString("from", example: example)
      : settings.string("from", example: example)
    kind = settings.choice("type", default: .sms)
    if let from, !hasProfile, !Self.isNumber(from) {
      settings.problem(
        "from",
        "A name sends through a messaging profile alone. Write its messaging_profile_id too, or a"
          + " number: from = \"\(example)\".")
      return nil
    }
    guard from != nil || profileID != nil else { return nil }
  }

  var members: [(String, JSON?)] {
    [("from", from.map(JSON.string)), ("messaging_profile_id", profileID.map(JSON.string))]
  }

  /// Whether an inbound message is for this channel: the key that signs it is the whole account's, so
  /// the signature alone does not say.
  func isAddressed(by payload: JSON) -> Bool {
    if let from, Self.isNumber(from) {
      return payload["to"]?.array?.contains { recipient in
        recipient["phone_number"]?.string.map { $0.utf8.elementsEqual(from.utf8) } ?? false
      } ?? false
    }
    guard let profileID, let named = payload["messaging_profile_id"]?.string else { return false }
    return named.utf8.elementsEqual(profileID.utf8)
  }

  /// Ten parts are the most a text may have. Telnyx's alphabet for 160 characters a part is narrower
  /// than GSM 03.38, and differs by carrier, so each is counted as one of 67 UTF-16 units; and as one of
  /// 66, since an emoji takes two that may not be parted.
  /// https://developers.telnyx.com/docs/messaging/messages/character-and-rate-limits
  var limits: PartLimits {
    let text = PartLimits.Unit.utf16(maximum: 660)
    return PartLimits(text: text, media: kind == .mms ? .all(captions: text) : nil)
  }

  /// Of an account, by default; what single senders may is less, and queued at Telnyx.
  var rate: Double { kind == .mms ? 15 : 50 }

  private static func isNumber(_ text: String) -> Bool {
    let digits = text.hasPrefix("+") ? text.utf8.dropFirst() : text.utf8[...]
    return !digits.isEmpty && digits.allSatisfy { (0x30...0x39).contains($0) }
  }
}

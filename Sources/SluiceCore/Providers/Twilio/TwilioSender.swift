/// Who sends on a channel, and as what. A WhatsApp address is `whatsapp:` and a number, or an ID of
/// WhatsApp's for people who hide theirs (`whatsapp:US.1234`).
/// Source: https://www.twilio.com/docs/messaging/api/message-resource, "To" and "From".
struct TwilioSender: Sendable {
  enum Kind: String, CaseIterable { case sms, mms, whatsapp }

  let kind: Kind
  private let from: String?
  private let messagingServiceSID: String?
  private let countryCode: String?

  init?(settings: inout SettingsReader) {
    countryCode = settings.countryCode
    let hasService = settings.has("messaging_service_sid")
    let example = "+447700900456"
    messagingServiceSID = settings.optionalString(
      "messaging_service_sid", example: "MG0123456789abcdef0123456789abcdef")
    from =
      hasService
      ? settings.optionalString("from", example: example)
      : settings.string("from", example: example)
    let isWhatsApp = from?.hasPrefix(Self.prefix)
    kind = settings.choice("type", default: isWhatsApp == true ? .whatsapp : .sms)
    if let isWhatsApp, isWhatsApp != (kind == .whatsapp) {
      settings.problem(
        "from",
        "A WhatsApp sender is written from = \"whatsapp:\(example)\", any other without the prefix,"
          + " and type says \"\(kind.rawValue)\". Correct the one that is wrong.")
    }
    guard from != nil || messagingServiceSID != nil else { return nil }
  }

  /// How a send says whom it is for, and from.
  func fields(to contact: ContactID) -> [(name: String, value: String)] {
    let id =
      kind == .whatsapp
      ? Self.prefix + (contact.decoded ?? contact.description) : contact.description
    return [("To", id), ("From", from), ("MessagingServiceSid", messagingServiceSID)]
      .compactMap { name, value in value.map { (name, $0) } }
  }

  /// Whom a webhook's `From` names; `nil` for short codes and names, which nobody can answer.
  func contact(_ address: String) -> ContactID? {
    guard address.hasPrefix(Self.prefix) else {
      return PhoneNumber.e164(address, countryCode: countryCode)
    }
    let id = String(address.dropFirst(Self.prefix.count))
    return PhoneNumber.e164(id) ?? (try? ContactID(encoding: id))
  }

  private static let prefix = "whatsapp:"

  /// 1,600 characters a message, on WhatsApp too; Twilio does not say in which unit, so the larger
  /// count is taken. It shows captions with images and videos alone there:
  /// https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages. Buttons would need a
  /// content template, created before the send.
  var limits: PartLimits {
    let text = PartLimits.Unit.utf16(maximum: 1_600)
    return switch kind {
    case .sms: PartLimits(text: text)
    case .mms: PartLimits(text: text, media: .all(captions: text))
    case .whatsapp:
      PartLimits(
        text: text,
        media: PartLimits.Media(
          kinds: [.image, .video, .audio, .file], captions: text, withoutCaption: [.audio, .file]),
        takesLocation: true)
    }
  }

  /// Sends a second of one sender. Twilio queues what exceeds it for hours, where an answer to a
  /// contact would wait behind a broadcast; here it does not. A messaging service spreads its load
  /// over senders that only Twilio knows. Source: https://www.twilio.com/docs/messaging/services
  var rate: Double? {
    guard messagingServiceSID == nil, let from else { return nil }
    let isShortCode =
      (3...6).contains(from.utf8.count) && from.utf8.allSatisfy { (0x30...0x39).contains($0) }
    return kind == .whatsapp ? 80 : isShortCode ? 100 : 1
  }
}

/// A call of Kannel's: a message, by the `get-url` that the operator wrote, or a delivery report, by the
/// `dlr-url` that we did. As bytes: what Kannel puts into them is in the sender's character set.
struct KannelCallback {
  private let fields: FormBytes
  private let countryCode: String?

  init(_ fields: FormBytes, countryCode: String?) {
    self.fields = fields
    self.countryCode = countryCode
  }

  var secret: String? { text("secret") }

  func events() throws(WebhookError) -> [WebhookEvent] {
    if let status = text("status") { return try report(status).map { [.status($0)] } ?? [] }
    return [.message(try message())]
  }

  // MARK: - Messages

  private func message() throws(WebhookError) -> InboundMessage {
    // `%I`: the same in every repeat of the call.
    guard let id = text("id"), (1...100).contains(id.utf8.count) else {
      throw .notUnderstood("id is missing, or not of 1 to 100 bytes. Write id=%I into the get-url.")
    }
    guard let from = text("from") ?? text("sender") else {
      throw .notUnderstood("from is missing. Write from=%p into the get-url.")
    }
    guard let contact = PhoneNumber.e164(from, countryCode: countryCode) else {
      throw .notUnderstood(
        "from is \"\(from.escaped)\", which is no phone number, so nobody can answer it.")
    }
    let text = try content()
    return InboundMessage(
      externalID: id, contact: contact,
      // The platform takes no empty text, and the agent should see that something came.
      content: .text(text.isEmpty ? "(empty message)" : text),
      timestamp: self.text("ts").flatMap(Timestamp.milliseconds(ofSeconds:)),
      profile: ContactProfile(phone: contact.description),
      fragment: self["udh"].flatMap(UserDataHeader.fragment))
  }

  /// The text, by `%c` and `%C`. Only a smsbox with `mo-recode = true` gives all of it in UTF-8.
  private func content() throws(WebhookError) -> String {
    guard let bytes = self["text"] ?? self["message"] else {
      throw .notUnderstood("text is missing. Write text=%b into the get-url.")
    }
    let charset = (text("charset") ?? "").uppercased()
    switch (text("coding"), charset) {
    case ("1", _), (_, "8-BIT"): return "(message of \(bytes.count) bytes that is no text)"
    case (_, "UTF-16BE"), (_, "UCS-2"), ("2", ""): return Self.utf16(bytes)
    case (_, "ISO-8859-1"): return String(String.UnicodeScalarView(bytes.map(Unicode.Scalar.init)))
    default:
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .notUnderstood("text is not UTF-8. Write mo-recode = true into the smsbox group.")
      }
      return text
    }
  }

  /// Big-endian. Half a surrogate pair, which is what a text cut off ends with, becomes U+FFFD.
  private static func utf16(_ bytes: [UInt8]) -> String {
    let units = stride(from: 0, to: bytes.count - 1, by: 2).map { index in
      UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
    }
    return String(decoding: units, as: UTF16.self)
  }

  // MARK: - Delivery reports

  /// A sum of the values of `%d` that are asked for: all but 32, an SMSC's interim notice.
  static let wantedReports = 1 + 2 + 4 + 8 + 16

  /// - Returns: `nil` for an interim notice. The order of the rest says nothing: a delivery has come
  ///   before the SMSC's acceptance.
  private func report(_ status: String) throws(WebhookError) -> StatusReport? {
    guard let reference = PartReference(text("reference")) else {
      throw .notUnderstood("A delivery report has no reference of ours.")
    }
    func report(_ status: DeliveryStatus, _ reason: String? = nil) -> StatusReport {
      // Kannel has no ID for the message; ours is as good, and finds the part.
      StatusReport(
        externalID: reference.description, status: status, reason: reason, reference: reference)
    }
    switch status {
    case "1": return report(.delivered)
    case "4", "8": return report(.sent)
    case "2": return report(.failed, "The message was not delivered: \(words) (Kannel status 2).")
    case "16":
      return report(.failed, "The network refused the message: \(words) (Kannel status 16).")
    case "32": return nil
    default:
      throw .notUnderstood(
        "A delivery report's status is \"\(status.escaped)\"; 1, 2, 4, 8, 16 and 32 are known.")
    }
  }

  /// The SMSC's words: of a receipt by SMPP (v3.4, appendix B) its state and error, otherwise all.
  private var words: String {
    let reply = String(decoding: self["reply"] ?? [], as: UTF8.self)
    let receipt = reply.split(separator: " ").filter {
      $0.hasPrefix("stat:") || $0.hasPrefix("err:")
    }
    return (receipt.isEmpty ? reply : receipt.joined(separator: " ")).sentence
  }

  // MARK: - Fields

  /// The first of that name.
  private subscript(name: String) -> [UInt8]? {
    fields.pairs.first { $0.name.elementsEqual(name.utf8) }?.value
  }

  /// What is there, not empty, and text.
  private func text(_ name: String) -> String? {
    self[name].flatMap { $0.isEmpty ? nil : String(validating: $0, as: UTF8.self) }
  }
}

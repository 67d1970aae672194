import SluiceCore

/// The rules of `events[].message`, and what a person sees of it.
enum MessageRules {
  struct Message: Equatable {
    let kind: String
    let text: String
    var url: String?
  }

  static let maximumCharacters = 7_000

  static func read(
    _ json: JSON, at path: String, failing violations: inout [Violation]
  ) -> Message? {
    let type = json["type"]?.string
    var fields: FieldReader
    let message: Message?
    switch type {
    case "text":
      fields = FieldReader(json, at: path, allowing: ["type", "text"])
      message = fields.string("text", .message).map { Message(kind: "text", text: $0) }
    case "attachment":
      fields = FieldReader(json, at: path, allowing: ["type", "attachment"])
      message = fields.required("attachment", .attachment).flatMap { inner in
        fields.absorb { attachment(inner, at: "\(path).attachment", failing: &$0) }
      }
    case "location":
      fields = FieldReader(json, at: path, allowing: ["type", "latitude", "longitude", "address"])
      message = location(&fields)
    case "quick_reply":
      fields = FieldReader(json, at: path, allowing: ["type", "title", "replies"])
      message = quickReply(&fields, at: path)
    default:
      let allowed = "text, attachment, location and quick_reply"
      violations.append(
        Violation(.message, "\(path).type is \(describe(json["type"])); \(allowed) may be sent."))
      return nil
    }
    if let text = message?.text, text.unicodeScalars.count > maximumCharacters {
      fields.fail(
        .message,
        "\(path) has \(text.unicodeScalars.count) characters; at most \(maximumCharacters) show.")
    }
    violations += fields.violations
    return message
  }

  private static func attachment(
    _ json: JSON, at path: String, failing violations: inout [Violation]
  ) -> Message? {
    var fields = FieldReader(
      json, at: path, allowing: ["type", "url", "mimeType", "fileName", "description", "size"])
    defer { violations += fields.violations }
    let type = fields.string("type", .attachment)
    if let type, !["image", "video", "audio", "file"].contains(type) {
      fields.fail(
        .attachment, "\(path).type is \"\(type.escaped)\"; image, video, audio and file are known.")
    }
    let url = fields.string("url", .attachment)
    if let url, !isAbsolute(url) {
      fields.fail(
        .attachment,
        "\(path).url \"\(url.escaped)\" is not an absolute http or https URL of at most 2048 bytes."
      )
    }
    if let mime = fields.optionalString("mimeType", .attachment), !mime.utf8.contains(0x2F) {
      fields.fail(.attachment, "\(path).mimeType \"\(mime.escaped)\" is no media type.")
    }
    let name = fields.optionalString("fileName", .attachment)
    let caption = fields.optionalString("description", .attachment)
    if let size = fields.optional("size"), (size.integer ?? -1) < 0 {
      fields.fail(.attachment, "\(path).size is \(describe(size)); send a count of bytes.")
    }
    guard let type, let url else { return nil }
    return Message(kind: type, text: caption ?? name ?? "", url: url)
  }

  private static func location(_ fields: inout FieldReader) -> Message? {
    let latitude = fields.coordinate("latitude", limit: 90)
    let longitude = fields.coordinate("longitude", limit: 180)
    let address = fields.optionalString("address", .location)
    guard let latitude, let longitude else { return nil }
    return Message(kind: "location", text: address ?? "\(latitude), \(longitude)")
  }

  private static func quickReply(_ fields: inout FieldReader, at path: String) -> Message? {
    let title = fields.string("title", .quickReply)
    let replies = fields.array("replies", .quickReply) ?? []
    let texts = replies.compactMap(\.string).filter { !$0.isEmpty }
    if !(1...10).contains(replies.count) || texts.count != replies.count {
      fields.fail(.quickReply, "\(path).replies must be 1 to 10 strings.")
    }
    guard let title else { return nil }
    return Message(kind: "quick_reply", text: ([title] + texts).joined(separator: "\n"))
  }

  static func isAbsolute(_ url: String) -> Bool {
    guard url.utf8.count <= 2_048, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return false
    }
    return ["http://", "https://"].contains { scheme in
      url.hasPrefix(scheme) && url.utf8.count > scheme.utf8.count && !url.hasPrefix(scheme + "/")
    }
  }
}

/// The rules of `contact`.
enum ContactRules {
  static func violations(in json: JSON) -> [Violation] {
    var fields = FieldReader(
      json, at: "contact",
      allowing: [
        "firstName", "lastName", "profilePic", "countryCode", "email", "phone", "language",
      ])
    _ = fields.optionalString("firstName", .contact)
    _ = fields.optionalString("lastName", .contact)
    check("profilePic", MessageRules.isAbsolute, "an absolute URL", &fields)
    check("countryCode", { isCode($0, "A"..."Z") }, "two capital letters (ISO 3166-1)", &fields)
    check("language", { isCode($0, "a"..."z") }, "two small letters (ISO 639-1)", &fields)
    check("email", isAddress, "an e-mail address", &fields)
    check("phone", { (try? ContactID($0, type: .phoneNumber)) != nil }, "+ and digits", &fields)
    return fields.violations
  }

  static func name(in json: JSON) -> String? {
    let words = [json["firstName"]?.string, json["lastName"]?.string].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: " ").head(bytes: 100)
  }

  private static func check(
    _ name: String, _ isLegal: (String) -> Bool, _ rule: String, _ fields: inout FieldReader
  ) {
    guard let text = fields.optionalString(name, .contact), !isLegal(text) else { return }
    fields.fail(.contact, "contact.\(name) is \"\(text.escaped)\"; send \(rule).")
  }

  private static func isAddress(_ text: String) -> Bool {
    text.utf8.contains(UInt8(ascii: "@")) && !text.utf8.contains(UInt8(ascii: " "))
  }

  private static func isCode(_ text: String, _ letters: ClosedRange<Unicode.Scalar>) -> Bool {
    text.unicodeScalars.count == 2 && text.unicodeScalars.allSatisfy(letters.contains)
  }
}

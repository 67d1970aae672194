/// An error of the Messages API, as an answer (RFC 7807) or inside a status. Its code is what follows
/// `#` in `type`, and also the title of a status's error. Source:
/// https://developer.vonage.com/en/api-errors/messages
struct VonageError {
  let code: Int?
  private let detail: String?

  init(_ json: JSON?) {
    let type = json?["type"]?.string ?? ""
    let anchor = type.lastIndex(of: "#").map { String(type[type.index(after: $0)...]) }
    code = Self.code(anchor) ?? Self.code(json?["title"]?.string)
    let field = json?["invalid_parameters"]?[0]
    let parameter = field.flatMap { field in
      field["reason"]?.string.map { "\(field["name"]?.string ?? "a field"): \($0)" }
    }
    detail = parameter ?? json?["detail"]?.string ?? json?["title"]?.string
  }

  private static func code(_ text: String?) -> Int? {
    guard let text, (4...5).contains(text.utf8.count),
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(text)
  }

  /// A sentence for the agent.
  /// - Parameter opening: Where the code has no sentence of its own: then Vonage's words follow it.
  func reason(or opening: String, http status: Int? = nil) -> String {
    let origin = code.map { "Vonage \($0)" } ?? status.map { "HTTP \($0)" } ?? "Vonage gave no code"
    if let code, let sentence = Self.sentences[code] { return "\(sentence) (\(origin))." }
    return "\(opening): \((detail ?? "no reason given").sentence) (\(origin))."
  }

  /// Nothing was sent, and another try may go better.
  var isTemporary: Bool { code.map(Self.temporary.contains) ?? false }
  var isThrottling: Bool { code == 1000 }

  /// Whether it says more of the account than of the message.
  var isAccounts: Bool { code.map(Self.accounts.contains) ?? false }

  /// Barred, without credit, permissions or a sender that may send.
  private static let accounts: Set<Int> = [
    1060, 1080, 1120, 1140, 1420, 1460, 1461, 1470, 1471, 1472, 1473, 1474, 1475, 1476,
  ]
  private static let temporary: Set<Int> = [1000, 1030, 1070, 1100, 1180, 1220, 1230, 1241, 1331]

  private static let sentences: [Int: String] = {
    let account = "ask your administrator to look at the Vonage account"
    var table: [Int: String] = [
      1010: "Vonage misses a field in the message",
      1050: "The number is on the account's list of blocked numbers",
      1060: "The Vonage account is barred; \(account)",
      1080: "The Vonage account has no credit left; \(account)",
      1120: "The sender of this channel is not allowed; ask your administrator to check \"from\"",
      1140: "The Vonage account may not use this product or route; \(account)",
      1160: "The number is not one that Vonage can send to",
      1170: "The number is not one that Vonage can send to",
      1190: "The number is not in service",
      1200: "The network does not deliver to this number",
      1240: "The contact has opted out of messages from this sender",
      1260: "The number cannot be reached",
      1330: "WhatsApp does not take this message",
      1340:
        "The contact has not written within the last 24 hours, so WhatsApp takes only templates",
      1360: "The message was too old when it could have been delivered",
      1420: "The sender of this channel is not allowed; ask your administrator to check \"from\"",
      1460: "The sender has reached its limit for today",
      1461: "The network holds this sender back, because it sent too much",
    ]
    for code in 1470...1476 {
      table[code] = "The sender is not registered for this country; \(account)"
    }
    return table
  }()
}

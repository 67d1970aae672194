/// What the provider's answers to a send mean.
struct AnswerRules: Sendable {
  enum Meaning: String, Sendable, CaseIterable {
    case accepted
    case deferred, throttled, unknown
    case refused
    case invalidNumber = "invalid_number"
    case optedOut = "opted_out"
    case windowClosed = "window_closed"
    case noCredit = "no_credit"
    case account, sender, content
  }

  /// A value of the answer, and what it means.
  struct Check: Sendable {
    let at: [Place]
    let meanings: ValueTable<Meaning>
  }

  let format: BodyFormat
  let externalID: [Place]
  let detail: [Place]
  let code: [Place]
  /// In order; the first one whose value means something decides.
  let checks: [Check]
  /// By HTTP status, where no check decides.
  let http: ValueTable<Meaning>

  /// - Parameters:
  ///   - title: The provider's name for people.
  ///   - redacting: Takes the account's secrets out of the provider's own words.
  func outcome(
    of response: HTTPResponse, title: String, redacting: (String) -> String
  ) -> SendOutcome {
    let answer = Received(response, format)
    let (meaning, value) = verdict(answer, response.status)
    if meaning == .accepted {
      return .accepted(externalID: answer.value(externalID).flatMap { $0.externalID })
    }
    let code = answer.value(code) ?? value ?? "HTTP \(response.status)"
    let reason = redacting(
      Self.reason(meaning, title, detail: answer.value(detail), code: code))
    switch meaning {
    case .deferred: return .deferred(reason: reason, after: response.retryAfter)
    case .throttled: return .throttled(reason: reason, after: response.retryAfter)
    case .unknown: return .unknown(reason: reason)
    case .noCredit, .account, .sender: return .accountRefused(reason: reason)
    default: return .rejected(reason: reason)
    }
  }

  /// - Returns: Also the value that decided; `nil` if it was the HTTP status.
  private func verdict(_ answer: Received, _ status: Int) -> (Meaning, String?) {
    // Whatever else it says: nothing was processed, and everyone has to wait.
    if status == 429 { return (.throttled, nil) }
    let isSuccess = (200..<300).contains(status)
    for check in checks {
      guard let value = answer.value(check.at), let meaning = check.meanings.meaning(of: value)
      else { continue }
      if meaning != .accepted || isSuccess { return (meaning, value) }
    }
    if let meaning = http.meaning(of: "\(status)"), meaning != .accepted || isSuccess {
      return (meaning, nil)
    }
    switch status {
    case 408, 425: return (.deferred, nil)
    case 401, 403: return (.account, nil)
    case 400..<500: return (.refused, nil)
    // A success that does not say so, and a failure that may have come after the message was taken.
    default: return (.unknown, nil)
    }
  }

  private static func reason(
    _ meaning: Meaning, _ title: String, detail: String?, code: String
  ) -> String {
    let detail = detail.map { ": \($0.sentence)" } ?? ""
    return "\(meaning.sentence(title))\(detail) (\(code.escaped))."
  }
}

extension AnswerRules.Meaning {
  /// For an agent, without a full stop.
  fileprivate func sentence(_ title: String) -> String {
    switch self {
    case .accepted: "\(title) took the message"
    case .deferred: "\(title) did not take the message"
    case .throttled: "\(title) gets too many requests from this account"
    case .unknown: "\(title)'s answer does not say what became of the message"
    case .refused: "\(title) refused the message"
    case .invalidNumber: "The number is not one that \(title) can send to"
    case .optedOut: "The contact does not want messages from this sender"
    case .windowClosed: "\(title) allows answers only for a while after the contact has written"
    case .noCredit:
      "The \(title) account has no credit left; ask your administrator to top it up"
    case .account:
      "\(title) does not let this account in; ask your administrator to check the channel's settings"
    case .sender:
      "The sender of this channel is not allowed; ask your administrator to check the settings"
    case .content: "\(title) does not accept this text"
    }
  }
}

extension String {
  /// What may be a provider's ID of a message: 1 to 100 bytes without control characters.
  var externalID: String? {
    (1...100).contains(utf8.count) && utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? self : nil
  }
}

extension AnswerRules {
  /// Reads `[answer]`; mistakes are left in `reader`.
  init(reading reader: inout SettingsReader) {
    format = reader.choice("format", default: .json)
    externalID = reader.places("id")
    detail = reader.places("detail")
    code = reader.places("code")
    http = reader.valueTable("http", Meaning.self)
    checks = reader.readers("check").map { table in
      var table = table
      let check = Check(
        at: table.requiredPlaces("at", example: "/status"),
        meanings: table.valueTable("values", Meaning.self))
      reader.finish(table)
      return check
    }
    if !(checks.flatMap(\.meanings.meanings) + http.meanings).contains(.accepted) {
      reader.problem(
        nil,
        "No answer means that a message was taken. Write [[answer.check]] with at = \"/status\" and"
          + " values = { \"OK\" = \"accepted\" }, or [answer.http] with \"200-299\" = \"accepted\"."
      )
    }
  }
}

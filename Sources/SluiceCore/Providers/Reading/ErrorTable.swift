/// A provider's error codes, in answers to sends and in status callbacks: what each asks for, and what
/// an agent can understand of it, and act on.
struct ErrorTable: Sendable {
  /// As agents know it.
  let provider: String
  /// By code; each ends with a full stop.
  let sentences: [String: String]
  /// Codes of too many messages, for everybody on the account.
  var throttled: Set<String> = []
  /// Codes of trouble that passes.
  var transient: Set<String> = []
  /// Codes of credentials, suspension, permissions and senders: what another account may have.
  var account: Set<String> = []

  /// What a refusal with this code means; a code that is nowhere here is final.
  /// - Parameter after: Seconds, if the provider said how long to wait.
  func refusal(code: String, detail: String?, after: Double?) -> SendOutcome {
    let reason = reason(code: code, detail: detail)
    return switch code {
    case _ where throttled.contains(code): .throttled(reason: reason, after: after)
    case _ where transient.contains(code): .deferred(reason: reason, after: after)
    case _ where account.contains(code): .accountRefused(reason: reason)
    default: .rejected(reason: reason)
    }
  }

  /// A sentence for the agent, with the code.
  /// - Parameter detail: The provider's own words, for codes that have none here.
  func reason(code: String?, detail: String?) -> String {
    let shown = code.map { "\(provider) code \($0)" } ?? "\(provider) gives no code"
    if let code, let sentence = sentences[code] { return "\(sentence.dropLast()) (\(shown))." }
    return "The message was not delivered: \((detail ?? "").sentence) (\(shown))."
  }
}

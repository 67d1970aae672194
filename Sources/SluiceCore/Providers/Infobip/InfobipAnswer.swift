/// Infobip's answer to a send. HTTP 200 may still hold a refusal: each message has a status.
struct InfobipAnswer {
  private let response: HTTPResponse
  private let json: JSON?
  private let secrets: [Secret]

  init(_ response: HTTPResponse, secrets: [Secret]) {
    self.response = response
    self.secrets = secrets
    json = try? JSONReader.read(response.body)
  }

  var outcome: SendOutcome {
    let status = response.status
    switch status {
    case 200..<300: return messageOutcome
    case 401, 403:
      return .accountRefused(
        reason: "Infobip does not let us in; ask your administrator to check the channel's key and"
          + " what it may do (HTTP \(status)).")
    case 404:
      return .accountRefused(
        reason:
          "Infobip has no such address; ask your administrator to check the channel's base_url"
          + " (HTTP 404).")
    // That Infobip knows a repeat by its ID is not said.
    default: return response.sendOutcome(at: "Infobip") ?? .rejected(reason: refusal)
    }
  }

  /// Of the one message we sent.
  private var messageOutcome: SendOutcome {
    let message = json?["messages"]?[0]
    guard let status = InfobipStatus(message?["status"]) else {
      return .unknown(reason: "Infobip's answer does not say what became of the message.")
    }
    guard !status.isRefusal else {
      return .refused(
        reason: status.reason(opening: "Infobip refused the message").redacting(secrets),
        isAccounts: status.isAccounts)
    }
    return .accepted(externalID: message?["messageId"]?.string?.nonEmpty)
  }

  /// Of version 3, or of the older ones.
  private var refusal: String {
    let older = json?["requestError"]?["serviceException"]
    let violation = json?["violations"]?[0].flatMap { violation in
      violation["violation"]?.string.map { "\(violation["property"]?.string ?? "a field"): \($0)" }
    }
    let words =
      violation ?? json?["description"]?.string ?? older?["text"]?.string ?? "no reason given"
    let code =
      json?["errorCode"]?.string ?? older?["messageId"]?.string ?? "HTTP \(response.status)"
    return "Infobip refused the message: \(words.redacting(secrets).sentence) (\(code.escaped))."
      .redacting(secrets)
  }
}

/// The smsbox's answer to a send. There is no ID in it; its text tells apart what the HTTP status does
/// not, and also that it was Kannel who answered, and not a proxy before it. Source: `pruiz/kannel:
/// gw/smsbox.c`.
struct KannelAnswer {
  private let status: Int
  private let retryAfter: Double?
  private let text: String

  init(_ response: HTTPResponse, secrets: [Secret]) {
    status = response.status
    retryAfter = response.retryAfter
    text = String(decoding: response.body, as: UTF8.self).redacting(secrets)
  }

  var outcome: SendOutcome {
    switch status {
    case 202 where isTaken: .accepted(externalID: nil)
    case 200..<300: .unknown(reason: "Kannel's answer to the send cannot be read.")
    case 429:
      .throttled(reason: "The gateway gets too many requests (HTTP 429).", after: retryAfter)
    case 408, 425:
      .deferred(
        reason: "The gateway asked for the request again (HTTP \(status)).", after: retryAfter)
    case 503 where text.hasPrefix("Temporal failure"), 500 where text.hasPrefix("Sending failed."):
      .deferred(reason: "Kannel cannot take the message now (HTTP \(status)).", after: retryAfter)
    case 500...:
      .unknown(reason: "The gateway failed while taking the message (HTTP \(status)).")
    default:
      .refused(
        reason: refusal, isAccounts: status == 401 || Self.accounts.contains { text.hasPrefix($0) })
    }
  }

  /// Passed on; queued because no SMSC is connected; or, with `immediate-sendsms-reply`, taken unseen.
  private var isTaken: Bool {
    ["0: Accepted", "3: Queued", "Sent."].contains { text.hasPrefix($0) }
  }

  private var refusal: String {
    let refusal = Self.refusals.first { text.hasPrefix($0.text) }
    return refusal.map { "\($0.sentence) (HTTP \(status))." }
      ?? "The gateway refused the message: \(text.sentence) (HTTP \(status))."
  }

  /// How texts begin that say more of the gateway's settings than of the message.
  private static let accounts = ["Authorization failed", "Not routable", "Sender missing"]

  /// What an agent can understand, and act on, by how Kannel's text begins.
  private static let refusals: [(text: String, sentence: String)] = [
    (
      "Authorization failed",
      "Kannel does not let us in; ask your administrator to check the channel's user name and password"
    ),
    ("Not routable", "No carrier behind this channel takes messages to the number"),
    ("Number(s) has/have been denied", "Kannel does not accept the phone number"),
    ("Missing receiver", "Kannel does not accept the phone number"),
    ("Empty receiver", "Kannel does not accept the phone number"),
    (
      "Sender missing",
      "The channel has no sender; ask your administrator to set \"from\""
    ),
  ]
}

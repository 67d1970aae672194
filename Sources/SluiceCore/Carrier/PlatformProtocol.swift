/// IS-Messenger's side of the wire: what we post to it, and what its answers mean (PROTOCOL,
/// "Sluice to IS-Messenger"). Everything uncertain about the platform is in this file.
package enum PlatformProtocol {
  /// The call that posts a message, an echo or a status.
  package static func call(for lease: Lease, channel: ChannelSettings) -> HTTPCall {
    var contact: JSON?
    let event: JSON
    switch lease.work {
    case .post(let content, let isEcho, let timestamp, let profile):
      contact = profile
      event = [
        "type": isEcho ? "message_echo" : "message", "mId": .string(lease.id.description),
        "timestamp": .integer(timestamp), "message": content,
      ]
    case .report(let status, let reason, let timestamp):
      event = [
        "type": "message_status", "mId": .string(lease.id.description),
        "timestamp": .integer(timestamp),
        "status": .object(present: [
          ("value", .string(status.description)),
          ("message", status == .failed ? reason.map(JSON.string) : nil),
        ]),
      ]
    case .send: preconditionFailure("an outbound part goes to the provider, not to the platform")
    }
    let body: JSON = .object(present: [
      ("channelId", .string(channel.channelID)),
      ("contactId", .string(lease.contact.description)),
      ("events", [event]),
      ("contact", contact),
    ])
    return HTTPCall(
      url: channel.webhookURL,
      headers: [
        ("authorization", "Bearer \(channel.token.exposed)"),
        ("content-type", "application/json"),
      ], body: body.bytes)
  }

  /// Any 2xx is success; 408, 425, 429 and 5xx are worth another try; the rest is final.
  package static func outcome(of response: HTTPResponse) -> SendOutcome {
    let reason = "the platform answered \(response.status)"
    switch response.status {
    case 200...299: return .accepted(externalID: nil)
    case 429: return .throttled(reason: reason, after: response.retryAfter)
    case 408, 425, 500...599: return .deferred(reason: reason, after: response.retryAfter)
    default: return .rejected(reason: reason)
    }
  }
}

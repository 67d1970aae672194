/// Sends by the Messages API v1.
struct VonageMessages: VonageSender {
  let account: VonageAccount
  let channel: VonageChannel

  var limits: PartLimits {
    switch channel {
    case .sms: PartLimits(text: .utf16(maximum: 3_200))
    case .mms:
      PartLimits(
        text: .utf16(maximum: 3_200),
        media: PartLimits.Media(
          kinds: [.image, .video, .audio, .file], captions: .utf16(maximum: 300)))
    case .whatsapp:
      PartLimits(
        text: .utf16(maximum: 4_096),
        media: PartLimits.Media(
          kinds: [.image, .video, .audio, .file], captions: .utf16(maximum: 1_024),
          withoutCaption: [.audio]),
        takesLocation: true,
        replies: PartLimits.Replies(
          maximum: 3, label: .utf16(maximum: 20), title: .utf16(maximum: 1_024)))
    case .rcs:
      PartLimits(
        text: .utf16(maximum: 3_072),
        media: PartLimits.Media(
          kinds: [.image, .video, .file], captions: nil, withoutCaption: [.image, .video, .file]),
        replies: PartLimits.Replies(
          maximum: 10, label: .utf16(maximum: 25), title: .utf16(maximum: 3_072)))
    }
  }

  func call(sending part: MessagePart, to recipient: String, reference: String) -> HTTPCall {
    let isTextOfMMS = channel == .mms && !part.isAttachment
    let members: [(String, JSON?)] = [
      // An MMS holds media; the text beside it is an SMS.
      ("channel", .string((isTextOfMMS ? VonageChannel.sms : channel).rawValue)),
      ("to", .string(recipient)), ("from", .string(account.from)),
      // Comes back in statuses. It is no idempotency key: Vonage has none.
      ("client_ref", .string(reference)),
      ("webhook_url", account.statusURL.map(JSON.string)),
      ("webhook_version", account.statusURL == nil ? nil : "v1"),
    ]
    return HTTPCall(
      url: account.baseURL + "/v1/messages",
      headers: [account.authorization, ("content-type", "application/json")],
      body: JSON.object(present: members + content(of: part)).bytes)
  }

  private func content(of part: MessagePart) -> [(String, JSON?)] {
    switch part {
    case .text(let text): [("message_type", "text"), ("text", .string(text))]
    case .attachment(let attachment): media(attachment)
    case .location(let latitude, let longitude, let address):
      custom(
        "location",
        .object(present: [
          ("latitude", .double(latitude)), ("longitude", .double(longitude)),
          ("address", address.map(JSON.string)),
        ]))
    case .quickReply(let title, let replies):
      channel == .rcs ? suggestions(title, replies) : custom("interactive", buttons(title, replies))
    }
  }

  private func media(_ attachment: Attachment) -> [(String, JSON?)] {
    let type = attachment.kind.rawValue
    let content = JSON.object(present: [
      ("url", .string(attachment.url)),
      ("caption", attachment.description.map(JSON.string)),
      ("name", channel == .whatsapp && type == "file" ? attachment.fileName.map(JSON.string) : nil),
    ])
    return [("message_type", .string(type)), (type, content)]
  }

  /// Meta's own object, passed through.
  private func custom(_ type: String, _ object: JSON) -> [(String, JSON?)] {
    let custom: JSON = .object([.init("type", .string(type)), .init(type, object)])
    return [("message_type", "custom"), ("custom", custom)]
  }

  private func buttons(_ title: String, _ replies: [String]) -> JSON {
    let buttons = replies.enumerated().map { index, reply -> JSON in
      ["type": "reply", "reply": ["id": "\(index + 1)", "title": .string(reply)]]
    }
    return [
      "type": "button", "body": ["text": .string(title)], "action": ["buttons": .array(buttons)],
    ]
  }

  private func suggestions(_ title: String, _ replies: [String]) -> [(String, JSON?)] {
    let suggestions = replies.enumerated().map { index, reply -> JSON in
      ["type": "reply", "text": .string(reply), "postback_data": "\(index + 1)"]
    }
    return [
      ("message_type", "text"), ("text", .string(title)), ("suggestions", .array(suggestions)),
    ]
  }

  func outcome(of response: HTTPResponse) -> SendOutcome {
    let json = try? JSONReader.read(response.body)
    let error = VonageError(json)
    let status = response.status
    let problem = "Vonage did not take the message"
    func reason(_ opening: String) -> String {
      error.reason(or: opening, http: status).redacting(account.told)
    }
    switch status {
    case 202:
      guard let id = json?["message_uuid"]?.string, (1...100).contains(id.utf8.count) else {
        return .unknown(reason: "Vonage's answer has no message_uuid.")
      }
      return .accepted(externalID: id)
    case 200..<300: return .unknown(reason: "Vonage's answer to the send cannot be read.")
    case 429: return .throttled(reason: reason(problem), after: response.retryAfter)
    case 408, 425: return .deferred(reason: reason(problem), after: response.retryAfter)
    // It may have been taken all the same, and a repeat would reach the contact twice.
    case 500...: return .unknown(reason: "Vonage failed while taking the message (HTTP \(status)).")
    case 401, 403:
      return .accountRefused(
        reason: "Vonage does not let us in; ask your administrator to check the channel's key and"
          + " secret (HTTP \(status)).")
    default:
      if error.isThrottling {
        return .throttled(reason: reason(problem), after: response.retryAfter)
      }
      return error.isTemporary
        ? .deferred(reason: reason(problem), after: response.retryAfter)
        : .refused(
          reason: reason("Vonage refused the message"), isAccounts: error.isAccounts)
    }
  }
}

extension MessagePart {
  fileprivate var isAttachment: Bool {
    if case .attachment = self { true } else { false }
  }
}

package struct ClickSend: Provider {
  package static let name = "clicksend"
  package let limits = PartLimits(text: .smsSegments(maximum: 8), takesMedia: false)
  package init?(settings: inout SettingsReader) { }
  package func events(in request: HTTPRequest) throws(WebhookError) -> [WebhookEvent] { [] }
  package func call(sending part: MessagePart, to contact: ContactID, reference: String) -> HTTPCall { HTTPCall(url: "") }
  package func outcome(of response: HTTPResponse) -> SendOutcome { .accepted(externalID: nil) }
}

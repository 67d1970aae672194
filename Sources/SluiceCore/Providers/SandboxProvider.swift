package struct SandboxProvider: Provider {
  package static let name = "sandbox"
  package let limits = PartLimits(text: .utf16(maximum: 1000), takesMedia: true)
  package init?(settings: inout SettingsReader) { }
  package func events(in request: HTTPRequest) throws(WebhookError) -> [WebhookEvent] { [] }
  package func call(sending part: MessagePart, to contact: ContactID, reference: String) -> HTTPCall { HTTPCall(url: "") }
  package func outcome(of response: HTTPResponse) -> SendOutcome { .accepted(externalID: nil) }
}

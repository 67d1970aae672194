/// Media of inbound messages: Twilio answers their URL with a redirect to where they are for a while.
/// The first of the two asks for the account's credentials, so by default it is us who fetch them;
/// older accounts may have "HTTP basic authentication for media access" turned off.
/// Source: https://www.twilio.com/docs/messaging/api/media-resource.
struct TwilioMedia: Sendable {
  /// Whether anybody may fetch them.
  let isPublic: Bool
  let credentials: TwilioCredentials

  /// The URL by which the platform gets at the media that a webhook names; `nil` where it is none.
  func attachmentURL(_ url: String) -> String? {
    guard url.isMediaURL else { return nil }
    return isPublic || !Self.isTwilio(url) ? url : Attachment.privateURL(url)
  }

  /// Twilio's redirect leads to another host, which gets no credentials (``Redirect``).
  func route(to reference: String) -> MediaRoute? {
    guard Self.isTwilio(reference) else { return nil }
    return .content(HTTPCall(method: "GET", url: reference, headers: [credentials.authorization]))
  }

  /// Whether the URL is one that may see our credentials.
  private static func isTwilio(_ url: String) -> Bool { url.isMediaURL(below: ".twilio.com") }
}

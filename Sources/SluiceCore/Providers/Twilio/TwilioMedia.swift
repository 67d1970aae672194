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

  func route(to reference: String) -> MediaRoute? {
    guard Self.isTwilio(reference) else { return nil }
    return .locator(HTTPCall(method: "GET", url: reference, headers: [credentials.authorization]))
  }

  /// The next host gets no credentials: they are for Twilio alone.
  func call(followingRedirect response: HTTPResponse) -> HTTPCall? {
    guard (301...308).contains(response.status), let url = response.header("location"),
      url.isMediaURL
    else { return nil }
    return HTTPCall(method: "GET", url: url)
  }

  /// Whether the URL is one that may see our credentials.
  private static func isTwilio(_ url: String) -> Bool { url.isMediaURL(below: ".twilio.com") }
}

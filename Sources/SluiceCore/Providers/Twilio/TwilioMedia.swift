/// Media of inbound messages: Twilio answers their URL with a redirect to where they are for a while.
/// Accounts may ask for the account's credentials there ("HTTP basic authentication for media
/// access"), so by default it is us who fetch them.
/// Source: https://www.twilio.com/docs/messaging/guides/webhook-request, "Media".
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

  /// Whether a URL's host is one that may see our credentials. Only what cannot be read in two ways
  /// counts as a host.
  private static func isTwilio(_ url: String) -> Bool {
    guard url.hasPrefix("https://") else { return false }
    let host = url.utf8.dropFirst(8).prefix { $0 != UInt8(ascii: "/") }
    let isPlain = host.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    return isPlain && String(decoding: host, as: UTF8.self).hasSuffix(".twilio.com")
  }
}

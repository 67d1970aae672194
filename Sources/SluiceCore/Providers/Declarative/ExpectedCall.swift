/// `[[call]]`: the call that a part makes.
package struct ExpectedCall: Sendable {
  package let part: MessagePart
  package let contact: ContactID
  let expected: HTTPCall

  init?(reading reader: inout SettingsReader) {
    let to = reader.string("to", example: "+46700000001")
    let text = reader.text("text")
    if reader.has("media") {
      var media = reader.reader("media")
      let kind = media.string("kind", example: "image").flatMap(Attachment.Kind.init)
      let url = media.url("url", example: "https://a.example/b.jpg")
      let attachment = Attachment(
        kind: kind ?? .file, url: url ?? "",
        mimeType: media.optionalString("type", example: "image/jpeg"),
        fileName: media.optionalString("name", example: "b.jpg"),
        description: text.isEmpty ? nil : text)
      reader.finish(media)
      part = .attachment(attachment)
    } else {
      part = .text(text)
    }
    let expected = HTTPCall(expectedIn: &reader)
    guard let to, let expected, let contact = try? ContactID(encoding: to) else { return nil }
    self.contact = contact
    self.expected = expected
  }

  /// A token that has to be fetched is TOKEN.
  func difference(from provider: DeclaredProvider) -> String? {
    let call = provider.call(
      sending: part, to: contact, reference: DescriptionTest.reference, now: DescriptionTest.now)
    return (provider.tokens?.authorize(call, with: Secret("TOKEN".utf8)) ?? call)
      .difference(from: expected)
  }
}

/// `[[token]]`: the call that fetches a token, and what is read of its answer.
package struct ExpectedToken: Sendable {
  let expected: HTTPCall
  let answer: HTTPResponse
  let value: String
  let seconds: Double

  init?(reading reader: inout SettingsReader) {
    let expected = HTTPCall(expectedIn: &reader)
    answer = HTTPResponse(status: 200, body: Array(reader.text("answer").utf8))
    value = reader.string("value", example: "t-4711") ?? ""
    seconds = reader.number("seconds", default: 3_600, in: 1...86_400)
    guard let expected else { return nil }
    self.expected = expected
  }

  func difference(from provider: DeclaredProvider) -> String? {
    guard let tokens = provider.tokens else { return "no token is fetched" }
    if let difference = tokens.fetch(now: DescriptionTest.now).difference(from: expected) {
      return difference
    }
    guard let token = tokens.token(in: answer) else { return "the answer has no token" }
    guard token.secret.exposed.utf8.elementsEqual(value.utf8), token.seconds == seconds else {
      return "the token is \(token.secret.exposed), for \(token.seconds) seconds"
    }
    return nil
  }
}

extension HTTPCall {
  fileprivate init?(expectedIn reader: inout SettingsReader) {
    let method = reader.optionalString("method", example: "POST") ?? "POST"
    let url = reader.string("url", example: "https://api.example.com/send")
    let headers = reader.headers("headers")
    let body = reader.text("body")
    guard let url else { return nil }
    self.init(method: method, url: url, headers: headers, body: Array(body.utf8))
  }

  /// What is not as expected; of headers, only those that are.
  fileprivate func difference(from expected: HTTPCall) -> String? {
    if method != expected.method { return "the method is \(method)" }
    if url != expected.url { return "the URL is\n  \(url)" }
    for (name, value) in expected.headers {
      let found = headers.first { $0.name == name }?.value
      if found != value { return "the header \(name) is \(found ?? "missing")" }
    }
    return Self.isSame(body, expected.body)
      ? nil : "the body is\n  \(String(decoding: body, as: UTF8.self))"
  }

  /// JSON whose members stand in another order is the same.
  private static func isSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    if a == b { return true }
    guard let a = try? JSONReader.read(a), let b = try? JSONReader.read(b) else { return false }
    return a.sorted == b.sorted
  }
}

extension JSON {
  fileprivate var sorted: JSON {
    switch self {
    case .array(let values): .array(values.map(\.sorted))
    case .object(let members):
      .object(
        members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
    default: self
    }
  }
}

/// `[[answer]]`: what an answer to a send means.
package struct ExpectedAnswer: Sendable {
  package let response: HTTPResponse
  let outcome: String
  let id: String?
  let reason: String?

  init?(reading reader: inout SettingsReader) {
    let status = reader.integer("status", default: 200, in: 100...599)
    response = HTTPResponse(
      status: status, headers: reader.headers("headers"), body: Array(reader.text("body").utf8))
    outcome = reader.string("outcome", example: "accepted") ?? ""
    id = reader.optionalString("id", example: "17")
    reason = reader.optionalString("reason", example: "Example SMS refused the message (17).")
  }

  func difference(from provider: DeclaredProvider) -> String? {
    let (word, value): (String, String?) =
      switch provider.outcome(of: response) {
      case .accepted(let id): ("accepted", id)
      case .deferred(let reason, _): ("deferred", reason)
      case .throttled(let reason, _): ("throttled", reason)
      case .rejected(let reason), .accountRefused(let reason): ("rejected", reason)
      case .unknown(let reason): ("unknown", reason)
      }
    let wanted = outcome == "accepted" ? id : reason ?? value
    guard word != outcome || value != wanted else { return nil }
    return "the outcome is \(word): \(value ?? "without an ID")"
  }
}

/// MessageBird, since renamed Bird, in the three generations that are in use. Sources:
/// https://developers.messagebird.com/api/sms-messaging/, https://docs.bird.com/api/channels-api/,
/// `messagebird/go-rest-api` and `messagebird/bird-sdk-python`.
///
/// Each has its own keys, addresses and signatures, so an account says which it is: `api`.
package struct MessageBird: Provider {
  package static let name = "messagebird"

  private let api: any MessageBirdAPI

  private enum Generation: String, CaseIterable { case rest, channels, bird }

  package init?(settings: inout SettingsReader) {
    let generation: Generation = settings.choice("api", default: .rest)
    let api: (any MessageBirdAPI)? =
      switch generation {
      case .rest: MessageBirdREST(settings: &settings)
      case .channels: BirdChannels(settings: &settings)
      case .bird: BirdAPI(settings: &settings)
      }
    guard let api else { return nil }
    self.api = api
  }

  package var limits: PartLimits { api.limits }
  package var isIdempotent: Bool { api.isIdempotent }

  package let webhookMethods = ["POST", "GET"]
  package let webhookContentTypes = ["application/x-www-form-urlencoded", "application/json"]
  /// The text that the documentation asks for.
  package let webhookResponse = HTTPResponse(status: 200, text: "OK")

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    api.isAuthentic(request, now: now)
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    try api.events(in: request)
  }

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    api.call(sending: part, to: contact, reference: reference)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome { api.outcome(of: response) }
}

/// One of the generations, configured.
protocol MessageBirdAPI: Sendable {
  init?(settings: inout SettingsReader)
  var limits: PartLimits { get }
  var isIdempotent: Bool { get }
  func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool
  func events(in request: HTTPRequest) throws(WebhookError) -> [WebhookEvent]
  func call(sending part: MessagePart, to contact: ContactID, reference: String) -> HTTPCall
  func outcome(of response: HTTPResponse) -> SendOutcome
}

/// What the generations' answers to a send have in common.
struct MessageBirdAnswer {
  let response: HTTPResponse
  let json: JSON?
  private let secret: Secret

  init(_ response: HTTPResponse, secret: Secret) {
    self.response = response
    self.secret = secret
    json = try? JSONReader.read(response.body)
  }

  /// - Parameters:
  ///   - id: Of the message that was taken, where it was.
  ///   - isIdempotent: Whether trouble of theirs may be answered by a repeat.
  func outcome(id: String?, isIdempotent: Bool) -> SendOutcome {
    let status = response.status
    switch status {
    case 200..<300:
      guard let id, (1...100).contains(id.utf8.count) else {
        return .unknown(reason: "MessageBird's answer to the send has no id.")
      }
      return .accepted(externalID: id)
    case 501 where isIdempotent: return .rejected(reason: refusal)
    case 500... where isIdempotent:
      return .deferred(
        reason: "MessageBird failed while taking the message (HTTP \(status)).",
        after: response.retryAfter)
    case 409 where isIdempotent:
      // The same key is under way: its answer can be had later.
      return .deferred(
        reason: "MessageBird is still busy with the message (HTTP 409).", after: response.retryAfter
      )
    case 401, 403:
      return .accountRefused(
        reason: "MessageBird does not let us in; ask your administrator to check the channel's key,"
          + " and that it is one for this API (HTTP \(status)).")
    default:
      return response.sendOutcome(at: "MessageBird")
        ?? .refused(reason: refusal, isAccounts: hasNoCredit)
    }
  }

  /// The old API has a list of errors, the new one a single one.
  private var error: JSON? { json?["errors"]?[0] ?? json?["error"] ?? json }

  private var hasNoCredit: Bool {
    error?["code"]?.integer == 25 || error?["type"]?.string == "billing"
  }

  private var refusal: String {
    let code =
      error?["code"]?.integer.map { "code \($0)" }
      ?? error?["code"]?.string.map { "code \($0.escaped)" } ?? "HTTP \(response.status)"
    if hasNoCredit {
      return "The MessageBird account has no credit left; ask your administrator to top it up"
        + " (\(code))."
    }
    let words = error?["description"]?.string ?? error?["message"]?.string ?? "no reason given"
    let field = (error?["parameter"] ?? error?["param"])?.string.map { ", \($0.escaped)" } ?? ""
    return "MessageBird refused the message: \(words.redacting(secret).sentence) (\(code)\(field))."
      .redacting(secret)
  }
}

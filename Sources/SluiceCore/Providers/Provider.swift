/// A messaging provider, as pure functions from bytes to values and back: no clock, store or
/// socket, so a fixture is a whole test. A value of this type is one account, configured.
///
/// To add one: a file (or folder) beside this one, its fixtures, and a line in ``ProviderRegistry``.
package protocol Provider: Sendable {
  /// As written in `provider = "…"`: lower case.
  static var name: String { get }

  /// Reads the account's settings; whatever is wrong is reported to `settings`, all of it at once.
  /// - Returns: `nil` where something was wrong.
  init?(settings: inout SettingsReader)

  /// What one part of a message can be.
  var limits: PartLimits { get }

  /// How many sends a second the provider takes on one account; `nil` if it names no limit.
  var defaultRate: Double? { get }

  /// Whether a repeated call with the same reference is dropped by the provider, so that a call
  /// with unknown outcome may be repeated.
  var isIdempotent: Bool { get }

  /// The answer to a request that only asks whether somebody is there (Meta's challenge), and of which
  /// nothing is kept; `nil` for everything else.
  /// - Throws: `.unauthenticated` where such a request proves nothing.
  func handshake(_ request: HTTPRequest) throws(WebhookError) -> HTTPResponse?

  /// Whether a webhook comes from whom it should, by its raw bytes. Where the account cannot be
  /// authenticated, or the settings forgo it, everything does.
  /// - Parameter now: Unix milliseconds, for providers that sign the time.
  func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool

  /// Reads a webhook on either endpoint: messages and statuses mixed, as the provider sends them. It is
  /// authentic, or was when it came: of one that was kept there are only method, query (of a GET),
  /// content type and body. What is understood and of no interest (a typing notice, say) yields no
  /// events.
  /// - Throws: `.notUnderstood` for what is strange, which is then kept in quarantine; of a webhook that
  ///   holds several items, with what was understood of the others (``EventBatch`` sees to that).
  func events(reading request: HTTPRequest, now: Int64) throws(WebhookError) -> [WebhookEvent]

  /// Whether messages from groups are among them, and answers reach the group.
  var takesGroups: Bool { get }

  /// What the provider's webhooks look like from outside; anything else is refused unread.
  var webhookMethods: [String] { get }
  /// Lower case, without parameters.
  var webhookContentTypes: [String] { get }

  /// The answer the provider expects to a webhook that was taken.
  var webhookResponse: HTTPResponse { get }

  /// The status of the answer to a webhook that is not authenticated: 401, unless the provider never
  /// repeats what got a 4xx. Then 503, so that nothing is lost while a secret is wrong.
  var unauthenticatedStatus: Int { get }

  /// The call that sends `part`, which is one that ``limits`` allow.
  /// - Parameters:
  ///   - reference: Ours for this part, at most 32 of `A-Z 0-9 .`; the same in each repeat.
  ///   - now: Unix milliseconds, for providers that want the time signed.
  func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall

  /// What the provider's answer to that call means.
  func outcome(of response: HTTPResponse) -> SendOutcome

  /// The token that has to be fetched before anything is sent; `nil` where none is.
  var tokens: (any TokenScheme)? { get }

  /// Whether contacts' media may be such that only our account can fetch it, so that the platform needs a
  /// link to us.
  var hasPrivateMedia: Bool { get }

  /// Parameters of a webhook's URL that prove who sent it. They are not kept with it: whatever reads it
  /// again believes it already.
  var proofParameters: [String] { get }

  /// How to fetch media that the provider gives to nobody but us: what the adapter wrote into
  /// ``Attachment/privateURL(_:)``. `nil` where it is none of its.
  func route(toMedia reference: String) -> MediaRoute?

  /// The call that fetches the media, by the answer to a ``MediaRoute/locator(_:)``; `nil` where the
  /// answer does not say, or the media is gone.
  func call(fetchingMediaLocatedBy response: HTTPResponse) -> HTTPCall?

  /// The call that asks what became of a send; `nil` where the provider cannot be asked that.
  func call(lookingUp question: Lookup) -> HTTPCall?

  /// What the provider's answer to that call means.
  func finding(of response: HTTPResponse, for question: Lookup) -> LookupFinding
}

extension Provider {
  package func handshake(_ request: HTTPRequest) throws(WebhookError) -> HTTPResponse? { nil }
  package var takesGroups: Bool { false }

  /// What is in a webhook that comes from whom it should.
  /// - Throws: `.unauthenticated` before anything of the body is looked at.
  package func events(
    in request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    guard isAuthentic(request, now: now) else { throw .unauthenticated }
    return try events(reading: request, now: now)
  }

  package var webhookMethods: [String] { ["POST"] }
  package var webhookContentTypes: [String] { ["application/json"] }
  package var webhookResponse: HTTPResponse { HTTPResponse(status: 200, text: "") }
  package var unauthenticatedStatus: Int { 401 }
  package var defaultRate: Double? { nil }
  package var isIdempotent: Bool { false }
  package var tokens: (any TokenScheme)? { nil }
  package var hasPrivateMedia: Bool { false }
  package var proofParameters: [String] { [] }
  package func route(toMedia reference: String) -> MediaRoute? { nil }
  package func call(fetchingMediaLocatedBy response: HTTPResponse) -> HTTPCall? { nil }
  package func call(lookingUp question: Lookup) -> HTTPCall? { nil }
  package func finding(of response: HTTPResponse, for question: Lookup) -> LookupFinding {
    .unclear(reason: "The provider cannot be asked.")
  }
}

extension Provider {
  /// Whether the provider can be asked what became of a send.
  /// - Parameter externalID: Its ID for such a send; `nil` where only our reference is known.
  package func canLookUp(by externalID: String?) -> Bool {
    guard let contact = try? ContactID("+60100000000") else { return false }
    let question = Lookup(
      reference: PartReference(message: MessageID(high: 0, low: 0), part: 0),
      externalID: externalID, contact: contact, since: 0)
    return call(lookingUp: question) != nil
  }
}

/// The way to media that needs our credentials.
package enum MediaRoute: Equatable, Sendable {
  /// Answered with the media itself, or with a redirect to it.
  case content(HTTPCall)
  /// Answered, once redirects are followed, with a 200 whose body says where the media is for a while.
  case locator(HTTPCall)
}

/// A question about one send.
package struct Lookup: Equatable, Sendable {
  /// That the send carried.
  package let reference: PartReference
  /// The provider's ID, where it is known.
  package let externalID: String?
  package let contact: ContactID
  /// Unix milliseconds: when the message was accepted.
  package let since: Int64

  package init(reference: PartReference, externalID: String?, contact: ContactID, since: Int64) {
    self.reference = reference
    self.externalID = externalID
    self.contact = contact
    self.since = since
  }
}

/// What came of such a question.
package enum LookupFinding: Equatable, Sendable {
  /// The provider took it. `reason`: why it failed, if it did.
  case found(externalID: String, status: DeliveryStatus, reason: String?)
  /// The provider says for certain that it never got it: it may be sent (again).
  case notFound
  /// It cannot be told, or not yet.
  case unclear(reason: String)
}

package enum WebhookError: Error, Equatable, CustomStringConvertible {
  /// Signature or secret wrong or missing. One text for all cases: the sender learns nothing.
  case unauthenticated
  /// Authentic, but not what the documentation says; `understood` is what stood beside it, and goes on
  /// its way.
  case notUnderstood(String, understood: [WebhookEvent] = [])

  package var description: String {
    switch self {
    case .unauthenticated:
      "The request is not authenticated. Check the secret in the webhook's URL."
    case .notUnderstood(let problem, _): problem
    }
  }
}

/// What came of one attempt to send a part.
package enum SendOutcome: Equatable, Sendable {
  /// Taken; the provider's ID for it, where it gave one.
  case accepted(externalID: String?)
  /// Not taken, worth another try: overload, maintenance. `after` seconds, if the provider said.
  case deferred(reason: String, after: Double?)
  /// Too many requests: nothing was processed, and everyone on this account has to wait.
  case throttled(reason: String, after: Double?)
  /// Never: the reason is a sentence for the agent, with the provider's code.
  case rejected(reason: String)
  /// Not by this account: its credentials, credit or permissions. A sentence as above. Another account
  /// might send it; where there is none it is rejected.
  case accountRefused(reason: String)
  /// It may or may not have been taken.
  case unknown(reason: String)

  /// - Parameter isAccounts: Whether it says more of the account than of the message.
  static func refused(reason: String, isAccounts: Bool) -> SendOutcome {
    isAccounts ? .accountRefused(reason: reason) : .rejected(reason: reason)
  }
}

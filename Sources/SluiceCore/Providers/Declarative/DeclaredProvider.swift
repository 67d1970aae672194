/// An account at a provider that is described in a TOML file: one type for all of them.
///
/// Not in ``ProviderRegistry``: its names are those of the descriptions (``ProviderDescriptions``).
package struct DeclaredProvider: Provider {
  package static let name = "declared"

  private let description: ProviderDescription
  private let settings: [String: SettingValue]
  /// What proves a webhook; empty where nothing has to.
  private let secrets: [Secret]
  private let verifies: Bool
  /// Where the provider reaches this channel, if the settings say so.
  private let channelURL: String?
  private let countryCode: String?

  package init?(settings reader: inout SettingsReader) {
    guard let description = reader.description else {
      reader.problem(nil, "There is no description of this provider. Write providers/NAME.toml.")
      return nil
    }
    let before = reader.problems.count
    var settings: [String: SettingValue] = [:]
    for setting in description.settings { settings[setting.key] = setting.value(in: &reader) }
    self.settings = settings
    verifies = reader.mustVerify()
    secrets = verifies || reader.has("webhook_secret") ? Self.secrets(&reader) : []
    channelURL = description.needsChannelURL ? Self.channelURL(&reader) : nil
    countryCode = reader.countryCode
    self.description = description
    guard reader.problems.count == before else { return nil }
  }

  private static func secrets(_ reader: inout SettingsReader) -> [Secret] {
    let secret = reader.secret("webhook_secret", atLeast: 16)
    let previous =
      reader.has("webhook_secret_previous")
      ? reader.secret("webhook_secret_previous", atLeast: 16) : nil
    return [secret, previous].compactMap { $0 }
  }

  private static func channelURL(_ reader: inout SettingsReader) -> String? {
    if reader.channelURL == nil {
      reader.problem(
        nil,
        "The provider is told this channel's URL, and server.public_url does not say what it is."
          + " Write public_url = \"https://sluice.example.com/sluice\" into [server].")
    }
    return reader.channelURL
  }

  package var limits: PartLimits { description.limits }
  package var defaultRate: Double? { description.sendsPerSecond }
  package var isIdempotent: Bool { description.isIdempotent }

  // MARK: - Webhooks

  package var webhookMethods: [String] { description.webhooks.methods }
  package var webhookContentTypes: [String] { description.webhooks.contentTypes }
  package var webhookResponse: HTTPResponse { description.webhooks.answer }

  package var proofParameters: [String] {
    if case .query(let name) = description.webhooks.proof.kind { [name] } else { [] }
  }

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    !verifies
      || description.webhooks.proof.isProven(
        request, secrets: secrets, scope: accountScope, channelURL: channelURL, now: now)
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    let (rules, account) = (description.webhooks, accountScope)
    let received: Received
    do throws(ReceivedError) {
      received = try Received(request, rules.format, rules.charset)
    } catch {
      throw .notUnderstood(error.description)
    }
    return try rules.events(
      in: received,
      EventReader(
        received: received, title: description.title, contact: rules.contact,
        countryCode: countryCode ?? rules.countryCode?.text(account), now: now))
  }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    var scope = accountScope
    scope["to"] = description.webhooks.contact == .id ? contact.decoded : contact.description
    scope["reference"] = reference
    scope["now"] = "\(now)"
    scope["status_url"] = url(of: "status")
    scope["inbound_url"] = url(of: "inbound")
    guard case .attachment(let media) = part else {
      scope["text"] = part.plainText
      return description.send.call(scope)
    }
    scope["text"] = media.description
    scope["media.url"] = media.url
    scope["media.kind"] = media.kind.rawValue
    scope["media.type"] = media.mimeType
    scope["media.name"] = media.fileName
    return (description.sendMedia ?? description.send).call(scope)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    description.answer.outcome(of: response, title: description.title, redacting: redacted)
  }

  package var tokens: (any TokenScheme)? {
    description.token.map { DeclaredTokens(rules: $0, account: accountScope) }
  }

  // MARK: - Media

  package var hasPrivateMedia: Bool {
    description.webhooks.rules.contains {
      if case .message(let fields) = $0.kind { fields.media?.privatePrefix != nil } else { false }
    }
  }

  package func route(toMedia reference: String) -> MediaRoute? {
    guard description.webhooks.keepsPrivate(reference) else { return nil }
    let headers = description.send.authenticationHeaders(accountScope)
    return .content(HTTPCall(method: "GET", url: reference, headers: headers))
  }

  // MARK: - The account

  private var accountScope: Scope {
    settings.reduce(into: Scope()) { $0.set("setting.\($1.key)", $1.value.bytes) }
  }

  /// An endpoint's URL, with the secret that proves its webhooks where that is a parameter.
  private func url(of endpoint: String) -> String? {
    guard let channelURL else { return nil }
    guard case .query(let name) = description.webhooks.proof.kind, let secret = secrets.first
    else { return "\(channelURL)/\(endpoint)" }
    return "\(channelURL)/\(endpoint)?\(name)=\(FormFields.percent(secret.exposed))"
  }

  private func redacted(_ text: String) -> String {
    let all = settings.values.compactMap {
      if case .secret(let secret) = $0 { secret } else { nil }
    }
    return text.redacting(all + secrets)
  }
}

extension ProviderDescription {
  /// Whether the account has to know where the provider reaches it.
  fileprivate var needsChannelURL: Bool {
    let names = Set(["status_url", "inbound_url"])
    return webhooks.proof.signsURL
      || [send, sendMedia].compactMap { $0 }.contains { $0.uses(names) }
  }
}

extension WebhookRules {
  fileprivate func keepsPrivate(_ url: String) -> Bool {
    rules.contains { rule in
      guard case .message(let fields) = rule.kind, let prefix = fields.media?.privatePrefix
      else { return false }
      return url.hasPrefix(prefix)
    }
  }
}

extension DeclaredProvider {
  /// The request with the secret that proves it, where the proof is that secret and no signature of
  /// the request: for tests.
  /// - Parameter secret: Another than the account's.
  package func proving(_ request: HTTPRequest, with secret: Secret? = nil) -> HTTPRequest {
    description.webhooks.proof.proving(request, secret: secret ?? secrets.first)
  }
}

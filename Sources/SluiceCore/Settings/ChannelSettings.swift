/// One channel: an account at a provider on one side, a custom channel of the platform on the other.
package struct ChannelSettings: Sendable {
  package let name: ChannelName
  /// The platform's Channel ID.
  package let channelID: String
  /// The platform's API token, for both directions.
  package let token: Secret
  package let tokenProof: Proof
  /// The platform's webhook URL, verbatim.
  package let webhookURL: String
  package let idType: IDType
  package let provider: any Provider
  package let providerName: String
  package let platformBucket: TokenBucket
  package let providerBucket: TokenBucket
  package let providerTimeoutSeconds: Double
  package let providerRetry: RetryPolicy
  package let platformRetry: RetryPolicy
  package let platformTimeoutSeconds: Double
  package let postSent: Bool
  /// Events of one contact that may go to the platform in one call.
  package let eventsPerCall: Int
  package let unknownTerms: UnknownOutcome.Terms
  /// Milliseconds after which a message that stays *sent* is asked about; `nil` where it is not.
  package let checkAfter: Int64?
  package let intake: IntakeTerms
  /// Where the provider's calls want a token.
  package let providerToken = TokenCell()

  /// Reads a channel's table; mistakes are left in `reader`.
  init?(
    name: ChannelName, reading reader: inout SettingsReader, platform: Settings.Platform,
    publicURL: String?, descriptions: ProviderDescriptions
  ) {
    self.name = name
    reader.channelURL = publicURL.map { "\($0)/\(name)" }
    let channelID = reader.string("channel_id", example: "123456")
    let token = reader.secret("token", atLeast: 8)
    let webhookURL = reader.url(
      "webhook_url", example: "https://app.example.com/custom/webhook/…")
    if let webhookURL, webhookURL.hasPrefix("http://"),
      !(webhookURL.urlHost ?? "").isLoopbackHost
    {
      reader.warn(
        "webhook_url",
        "Messages and the token travel unencrypted to another host. Write https://, if it has it.")
    }
    idType = reader.choice("id_type", default: .phoneNumber)
    let limit = reader.number(
      "limit_per_second", default: platform.limitPerSecond, in: 0.01...1_000_000)
    platformBucket = TokenBucket(limitPerSecond: limit)

    let known = ProviderRegistry.names
    let providerName = reader.string("provider", example: known[0])
    var provider: (any Provider)?
    var rate: Double?
    var timeout = 10.0
    var maximumAge = 24.0
    var checkHours = 0.0
    if let providerName {
      let found = ProviderRegistry.find(providerName, descriptions)
      if case .failure(let error) = found { reader.adopt(error.problems) }
      if case .success(let (type, description)?) = found {
        var account = reader.reader(providerName)
        account.description = description
        rate = account.optionalNumber("limit_per_second", in: 0.01...1_000_000)
        timeout = account.number("timeout_seconds", default: timeout, in: 0.1...120)
        maximumAge = account.number("max_age_hours", default: maximumAge, in: 0.0001...8_760)
        checkHours = account.number("lookup_after_hours", default: 6, in: 0...720)
        provider = type.init(settings: &account)
        reader.finish(account)
      } else {
        if case .success = found {
          reader.problem(
            "provider",
            "\"\(providerName.escaped)\" is no provider; write one of"
              + " \(known.joined(separator: ", ")), or describe it in providers/NAME.toml.")
        }
        _ = reader.has(providerName)  // Its table is no second mistake.
      }
    }
    let whenUnknown: UnknownOutcome.Policy = reader.choice("when_unknown", default: .fail)
    let unknownWait = reader.number("unknown_wait_seconds", default: 60, in: 1...86_400)
    intake = IntakeTerms(
      maximumQueued: reader.integer(
        "max_queued", default: platform.maximumQueued, in: 1...100_000_000),
      repeatWindow: Int64(
        reader.number("repeat_window_seconds", default: 0, in: 0...3_600) * 1_000))
    guard let channelID, let token, let webhookURL, let providerName, let provider else {
      return nil
    }
    self.channelID = channelID
    self.token = token
    tokenProof = Proof(of: token)
    self.webhookURL = webhookURL
    self.provider = provider
    self.providerName = providerName
    providerBucket =
      (rate ?? provider.defaultRate).map(TokenBucket.init(limitPerSecond:)) ?? .unlimited
    providerTimeoutSeconds = timeout
    providerRetry = RetryPolicy(
      base: platform.retry.base, cap: platform.retry.cap,
      maximumAge: Int64(maximumAge * 3_600_000))
    platformRetry = platform.retry
    platformTimeoutSeconds = platform.timeoutSeconds
    postSent = platform.postSent
    eventsPerCall = platform.eventsPerCall
    unknownTerms = UnknownOutcome.Terms(
      policy: whenUnknown, patience: Int64(unknownWait * 1_000),
      canLookUp: provider.canLookUp(by: nil))
    let canCheck = checkHours > 0 && provider.canLookUp(by: "0")
    checkAfter = canCheck ? Int64(checkHours * 3_600_000) : nil
  }

  package func timeoutSeconds(for destination: Destination) -> Double {
    destination == .platform ? platformTimeoutSeconds : providerTimeoutSeconds
  }

  /// Milliseconds.
  package func maximumAge(for queue: Queue) -> Int64 {
    (queue.destination == .platform ? platformRetry : providerRetry).maximumAge
  }

  package func bucket(for destination: Destination) -> TokenBucket {
    destination == .platform ? platformBucket : providerBucket
  }
}

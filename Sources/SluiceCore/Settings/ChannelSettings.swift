/// What becomes of messages that were written in a group.
package enum GroupPolicy: String, Sendable, CaseIterable {
  /// Nothing: they are counted.
  case ignore
  /// The group is a contact, and the messages say who wrote.
  case map
}

/// One channel: an account at a provider on one side, a custom channel of the platform on the other.
package struct ChannelSettings: Sendable {
  package let name: ChannelName
  /// The platform's Channel ID.
  package let channelID: String
  /// The platform's API token, for both directions.
  package let token: Secret
  package let tokenProof: Proof
  private let tokenFilter: SecretFilter
  /// The platform's webhook URL, verbatim.
  package let webhookURL: String
  package let idType: IDType
  package let main: ProviderAccount
  /// Sends what the main account cannot: while it is down, or refuses for a reason of its own.
  package let fallback: ProviderAccount?
  package let platformBucket: TokenBucket
  package let platformRetry: RetryPolicy
  package let platformTimeoutSeconds: Double
  package let postSent: Bool
  /// Events of one contact that may go to the platform in one call.
  package let eventsPerCall: Int
  private let whenUnknown: UnknownOutcome.Policy
  /// Milliseconds.
  private let unknownWait: Int64
  package let intake: IntakeTerms
  package let groups: GroupPolicy

  /// Reads a channel's table; mistakes are left in `reader`.
  init?(
    name: ChannelName, reading reader: inout SettingsReader, platform: Settings.Platform,
    publicURL: String?, descriptions: ProviderDescriptions
  ) {
    self.name = name
    reader.channelURL = publicURL.map { "\($0)/\(name)" }
    reader.countryCode = reader.callingCode("country_code")
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

    let main = ProviderAccount(
      reading: &reader, retry: platform.retry, descriptions: descriptions)
    fallback = Self.fallback(reading: &reader, retry: platform.retry, descriptions: descriptions)
    groups = reader.choice("groups", default: .ignore)
    if groups == .map, let main, !main.provider.takesGroups {
      reader.problem(
        "groups",
        "\(main.providerName) has no groups that could be answered."
          + " Write groups = \"ignore\", or leave it out.")
    }
    whenUnknown = reader.choice("when_unknown", default: .fail)
    unknownWait = Int64(
      reader.number("unknown_wait_seconds", default: 60, in: 1...86_400) * 1_000)
    intake = IntakeTerms(
      maximumQueued: reader.integer(
        "max_queued", default: platform.maximumQueued, in: 1...100_000_000),
      repeatWindow: Int64(
        reader.number("repeat_window_seconds", default: 0, in: 0...3_600) * 1_000),
      // Its wait must leave a text some of its time to be delivered in.
      joinWindow: min(
        Int64(reader.number("join_seconds", default: 120, in: 0...3_600) * 1_000),
        platform.retry.maximumAge / 2))
    guard let channelID, let token, let webhookURL, let main else { return nil }
    self.channelID = channelID
    self.token = token
    tokenProof = Proof(of: token)
    tokenFilter = SecretFilter([token])
    self.webhookURL = webhookURL
    self.main = main
    platformRetry = platform.retry
    platformTimeoutSeconds = platform.timeoutSeconds
    postSent = platform.postSent
    eventsPerCall = platform.eventsPerCall
  }

  private static func fallback(
    reading reader: inout SettingsReader, retry: RetryPolicy, descriptions: ProviderDescriptions
  ) -> ProviderAccount? {
    guard reader.has("fallback") else { return nil }
    var table = reader.reader("fallback")
    table.channelURL = table.channelURL.map { "\($0)~fallback" }
    let account = ProviderAccount(reading: &table, retry: retry, descriptions: descriptions)
    reader.finish(table)
    return account
  }

  package var provider: any Provider { main.provider }

  /// Whether the platform is to hear of it.
  package func wants(_ event: WebhookEvent) -> Bool { groups == .map || !event.isFromGroup }

  /// - Returns: `nil` where the channel has no such account (any more).
  package func account(_ account: Account) -> ProviderAccount? {
    account == .main ? main : fallback
  }

  /// The beginning of an answer as it may be kept, without what lets us in at whoever gave it.
  /// - Parameter limit: Bytes.
  func shown(
    _ answer: [UInt8], of destination: Destination, _ account: Account, atMost limit: Int
  ) -> String {
    guard destination != .platform, let account = self.account(account) else {
      return tokenFilter.text(answer, atMost: limit)
    }
    return account.shown(answer, atMost: limit)
  }

  /// What each of the channel's accounts takes as one part.
  package var limits: PartLimits {
    fallback.map { main.provider.limits.common(with: $0.provider.limits) } ?? main.provider.limits
  }

  package func unknownTerms(_ account: Account) -> UnknownOutcome.Terms {
    UnknownOutcome.Terms(
      policy: whenUnknown, patience: unknownWait,
      canLookUp: self.account(account)?.provider.canLookUp(by: nil) ?? false)
  }

  package func timeoutSeconds(for destination: Destination) -> Double {
    switch destination {
    case .platform: platformTimeoutSeconds
    case .provider: main.timeoutSeconds
    case .fallback: (fallback ?? main).timeoutSeconds
    }
  }

  /// Milliseconds.
  package func maximumAge(for queue: Queue) -> Int64 { retry(for: queue).maximumAge }

  package func retry(for queue: Queue) -> RetryPolicy {
    queue.destination == .platform ? platformRetry : main.retry
  }

  package func bucket(for destination: Destination) -> TokenBucket {
    switch destination {
    case .platform: platformBucket
    case .provider: main.bucket
    case .fallback: (fallback ?? main).bucket
    }
  }
}

extension SettingsReader {
  /// The calling code of a country, without a plus.
  fileprivate mutating func callingCode(_ key: String) -> String? {
    guard let text = optionalString(key, example: "60") else { return nil }
    guard (1...3).contains(text.utf8.count), !text.hasPrefix("0"),
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else {
      problem(key, "\"\(text.escaped)\" is no calling code. Write its digits: \(key) = \"60\".")
      return nil
    }
    return text
  }
}

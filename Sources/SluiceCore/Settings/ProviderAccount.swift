/// An account with a provider, and how it is treated.
package struct ProviderAccount: Sendable {
  package let providerName: String
  package let provider: any Provider
  package let bucket: TokenBucket
  package let timeoutSeconds: Double
  package let retry: RetryPolicy
  /// Milliseconds after which a message that stays *sent* is asked about; `nil` where it is not.
  package let checkAfter: Int64?
  /// Where the provider's calls want a token.
  package let token = TokenCell()
  private let secrets: SecretFilter

  /// Reads `provider` and the table of that name; mistakes are left in `reader`.
  init?(
    reading reader: inout SettingsReader, retry: RetryPolicy, descriptions: ProviderDescriptions
  ) {
    let known = ProviderRegistry.names
    guard let providerName = reader.string("provider", example: known[0]) else { return nil }
    let type: any Provider.Type
    let description: ProviderDescription?
    switch ProviderRegistry.find(providerName, descriptions) {
    case .success(let found?): (type, description) = found
    case .success(nil):
      reader.problem(
        "provider",
        "\"\(providerName.escaped)\" is no provider; write one of"
          + " \(known.joined(separator: ", ")), or describe it in providers/NAME.toml.")
      _ = reader.has(providerName)  // Its table is no second mistake.
      return nil
    case .failure(let error):
      reader.adopt(error.problems)
      _ = reader.has(providerName)
      return nil
    }
    var table = reader.reader(providerName)
    table.description = description
    let rate = table.optionalNumber("limit_per_second", in: 0.01...1_000_000)
    timeoutSeconds = table.number("timeout_seconds", default: 10, in: 0.1...120)
    let maximumAge = table.number("max_age_hours", default: 24, in: 0.0001...8_760)
    let checkHours = table.number("lookup_after_hours", default: 6, in: 0...720)
    let provider = type.init(settings: &table)
    reader.finish(table)
    guard let provider else { return nil }
    if reader.channelURL == nil, provider.hasPrivateMedia {
      reader.warn(
        nil,
        "Pictures and files that contacts send reach the platform as a note in words, because it"
          + " takes a link to this server to show them."
          + " Write public_url = \"https://sluice.example.com/sluice\" into [server].")
    }
    self.providerName = providerName
    secrets = SecretFilter(table.secrets)
    self.provider = provider
    bucket = (rate ?? provider.defaultRate).map(TokenBucket.init(limitPerSecond:)) ?? .unlimited
    self.retry = RetryPolicy(
      base: retry.base, cap: retry.cap, maximumAge: Int64(maximumAge * 3_600_000))
    let canCheck = checkHours > 0 && provider.canLookUp(by: "0")
    checkAfter = canCheck ? Int64(checkHours * 3_600_000) : nil
  }

  /// The beginning of an answer, without what lets us in there.
  func shown(_ answer: [UInt8], atMost limit: Int) -> String {
    (token.last.map(secrets.adding) ?? secrets).text(answer, atMost: limit)
  }

  /// What the provider says, without that: for whoever is told why.
  func shown(_ reason: String) -> String { shown(Array(reason.utf8), atMost: reason.utf8.count) }
}

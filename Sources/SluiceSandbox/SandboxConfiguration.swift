import SluiceCore

/// What the sandbox has to know: where Sluice is, and both ends of each channel. The same secrets
/// stand in Sluice's own settings; the files they come from can be shared.
package struct SandboxConfiguration: Sendable {
  /// Sluice's base URL without the channel, like `http://127.0.0.1:8080/sluice`.
  package var sluiceBaseURL: String
  /// In the order of their names.
  package var channels: [SandboxChannel]
  /// Platform requests taken in any second, per channel.
  package var limitPerSecond: Int
  /// Events that the platform takes in one call, until a test says otherwise. The official samples
  /// send one.
  package var maximumEvents: Int
  /// When delivery reports follow the send.
  package var reports: ReportDelays
  /// Threads that post callbacks. One contact's callbacks always take the same one.
  package var callbackThreads: Int

  package init(
    sluiceBaseURL: String, channels: [SandboxChannel], limitPerSecond: Int = 20,
    maximumEvents: Int = 100, reports: ReportDelays = ReportDelays(), callbackThreads: Int = 4
  ) {
    self.sluiceBaseURL = sluiceBaseURL
    self.channels = channels
    self.limitPerSecond = limitPerSecond
    self.maximumEvents = maximumEvents
    self.reports = reports
    self.callbackThreads = callbackThreads
  }
}

/// How long after a send its reports leave, in milliseconds; `nil` is never.
package struct ReportDelays: Sendable, Equatable {
  package var delivered: Int?
  package var read: Int?

  package init(delivered: Int? = 400, read: Int? = 1_500) {
    self.delivered = delivered
    self.read = read
  }
}

/// One channel, seen from both far ends.
package struct SandboxChannel: Sendable {
  package let name: ChannelName
  /// What the page calls it.
  package let title: String
  /// The platform's Channel ID.
  package let channelID: String
  /// The platform's API token, for both directions.
  package let token: Secret
  package let idType: IDType
  package let account: ProviderAccount
  /// Signs the provider's webhooks, or stands in their URLs, as the provider does it.
  package let webhookSecret: Secret

  package init(
    name: ChannelName, title: String? = nil, channelID: String, token: Secret,
    idType: IDType = .phoneNumber, account: ProviderAccount, webhookSecret: Secret
  ) {
    self.name = name
    self.title = title ?? name.description
    self.channelID = channelID
    self.token = token
    self.idType = idType
    self.account = account
    self.webhookSecret = webhookSecret
  }
}

/// Which provider is played, and what proves that Sluice may send on the account.
package enum ProviderAccount: Sendable {
  case sandbox(apiKey: Secret)
  case clickSend(username: String, apiKey: Secret)

  package var kind: String {
    switch self {
    case .sandbox: "sandbox"
    case .clickSend: "clicksend"
    }
  }
}

extension SandboxConfiguration {
  /// Reads `sandbox.toml`, and collects all that is wrong in it.
  package static func load(path: String) throws(SettingsError) -> SandboxConfiguration {
    let file: SettingsFile
    do throws(SettingsProblem) {
      file = try SettingsFile(path: path)
    } catch {
      throw SettingsError([error])
    }
    return try load(file)
  }

  package static func load(_ file: SettingsFile) throws(SettingsError) -> SandboxConfiguration {
    var root = SettingsReader(file)
    let url = root.url("sluice_url", example: "http://127.0.0.1:8080/sluice")
    let limit = root.integer("limit_per_second", default: 20, in: 1...1_000_000)
    let events = root.integer("max_events", default: 100, in: 1...1_000)
    let threads = root.integer("callback_threads", default: 4, in: 1...64)
    let reports = ReportDelays(reading: &root)
    var channels: [SandboxChannel] = []
    var tables = root.reader("channels")
    for key in tables.keys.sorted() {
      var table = tables.reader(key)
      if let name = ChannelName(key) {
        if let channel = SandboxChannel(name: name, reading: &table) { channels.append(channel) }
      } else {
        table.problem(nil, "\"\(key.escaped)\" is no channel name; use \(ChannelName.rule).")
      }
      tables.finish(table)
    }
    root.finish(tables)
    if tables.keys.isEmpty {
      root.problem("channels", "There is no channel. Write a table: [channels.NAME].")
    }
    root.finish()
    guard let url, root.problems.isEmpty else { throw SettingsError(root.problems) }
    return SandboxConfiguration(
      sluiceBaseURL: url.hasSuffix("/") ? String(url.dropLast()) : url, channels: channels,
      limitPerSecond: limit, maximumEvents: events, reports: reports, callbackThreads: threads)
  }
}

extension ReportDelays {
  fileprivate init(reading root: inout SettingsReader) {
    var reader = root.reader("reports")
    let delivered = reader.integer("delivered_after_ms", default: 400, in: -1...3_600_000)
    let read = reader.integer("read_after_ms", default: 1_500, in: -1...3_600_000)
    root.finish(reader)
    self.init(delivered: delivered < 0 ? nil : delivered, read: read < 0 ? nil : read)
  }
}

extension SandboxChannel {
  private enum Kind: String, CaseIterable { case sandbox, clicksend }

  /// Reads a channel's table; mistakes are left in `reader`.
  fileprivate init?(name: ChannelName, reading reader: inout SettingsReader) {
    let title = reader.optionalString("title", example: "SMS United Kingdom")
    let channelID = reader.string("channel_id", example: "123456")
    let token = reader.secret("token", atLeast: 8)
    let idType: IDType = reader.choice("id_type", default: .phoneNumber)
    let kind: Kind = reader.choice("provider", default: .sandbox)
    let username = kind == .clicksend ? reader.string("username", example: "demo") : ""
    let apiKey = reader.secret("api_key")
    let webhookSecret = reader.secret("webhook_secret")
    guard let channelID, let token, let username, let apiKey, let webhookSecret else { return nil }
    self.init(
      name: name, title: title, channelID: channelID, token: token, idType: idType,
      account: kind == .sandbox
        ? .sandbox(apiKey: apiKey) : .clickSend(username: username, apiKey: apiKey),
      webhookSecret: webhookSecret)
  }
}

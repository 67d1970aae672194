import SluiceCore
import SluiceTesting
import Synchronization

/// The settings that vary. Written as TOML and read by the real reader, once per combination.
struct Tuning: Hashable, Sendable {
  var platformLimit: Int
  var providerLimit: Int?
  var eventsPerCall: Int
  var repeatsUnknown: Bool
  var unknownWaitSeconds: Int
  var relayLeaseSeconds: Int
  var inFlight: Int
  var maximumAgeSeconds: Int
  var postsSent: Bool
  var timeoutSeconds: Int
  var repeatWindowSeconds: Int
  var maximumQueued: Int
  var conversationMinutes: Int

  /// One of a few dozen sets, so that each is read once.
  init(using random: inout SplitMix64) {
    var random = SplitMix64(seed: random.next() % 96)
    platformLimit = [2, 3, 5, 10, 20].randomElement(using: &random)!
    providerLimit = [nil, 1, 4, 15].randomElement(using: &random)!
    eventsPerCall = [1, 1, 3, 10].randomElement(using: &random)!
    repeatsUnknown = random.chance(0.25)
    unknownWaitSeconds = [6, 15, 60].randomElement(using: &random)!
    relayLeaseSeconds = [5, 15, 60].randomElement(using: &random)!
    inFlight = [1, 3, 128].randomElement(using: &random)!
    maximumAgeSeconds = [40, 3_600, 86_400, 86_400].randomElement(using: &random)!
    postsSent = random.chance(0.3)
    timeoutSeconds = [3, 10].randomElement(using: &random)!
    repeatWindowSeconds = random.chance(0.2) ? 60 : 0
    maximumQueued = random.chance(0.2) ? 8 : 1_000
    conversationMinutes = random.chance(0.5) ? 15 : 0
  }

  private static let cache = Mutex<[Key: Settings]>([:])

  private struct Key: Hashable {
    let tuning: Tuning
    let channels: [[Bool]]
  }

  func settings(_ channels: [Plan.Traits]) -> Settings {
    let key = Key(tuning: self, channels: channels.map { [$0.isIdempotent, $0.canLookUp] })
    if let settings = Self.cache.withLock({ $0[key] }) { return settings }
    let directory = TemporaryDirectory()
    directory.write("0123456789abcdef", to: "secret")
    let path = directory.write(text(channels), to: "sluice.toml")
    do throws(SettingsError) {
      let settings = try Settings.load(path: path)
      Self.cache.withLock { $0[key] = settings }
      return settings
    } catch {
      preconditionFailure("the simulation's settings are wrong: \(error)")
    }
  }

  private func text(_ channels: [Plan.Traits]) -> String {
    var lines = """
      [server]
      state_dir = "state"
      reserve_mb = 0
      [platform]
      limit_per_second = \(platformLimit)
      timeout_seconds = \(timeoutSeconds)
      retry_base_seconds = 0.5
      retry_cap_seconds = 20
      max_age_hours = \(Double(maximumAgeSeconds) / 3_600)
      post_sent = \(postsSent)
      events_per_call = \(eventsPerCall)
      max_queued = \(maximumQueued)
      [relay]
      in_flight = \(inFlight)
      lease_seconds = \(relayLeaseSeconds)
      conversation_minutes = \(conversationMinutes)

      """
    for (index, traits) in channels.enumerated() {
      let name = "channels.\(World.channelNames[index])"
      lines += """
        [\(name)]
        channel_id = "\(index)"
        token = "file:secret"
        webhook_url = "https://platform.example/\(index)"
        provider = "sandbox"
        when_unknown = "\(repeatsUnknown ? "repeat" : "fail")"
        join_seconds = 10
        unknown_wait_seconds = \(unknownWaitSeconds)
        repeat_window_seconds = \(repeatWindowSeconds)
        [\(name).sandbox]
        url = "https://provider.example/\(index)"
        api_key = "file:secret"
        webhook_secret = "file:secret"
        idempotent = \(traits.isIdempotent)
        lookup = \(traits.canLookUp)
        timeout_seconds = \(timeoutSeconds)
        max_age_hours = \(Double(maximumAgeSeconds) / 3_600)

        """
      if let providerLimit { lines += "limit_per_second = \(providerLimit)\n" }
    }
    return lines
  }
}

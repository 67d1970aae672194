import Glibc

/// `sluice.toml`, apart from its channels.
package struct Settings: Sendable {
  /// Who moves messages once they are in the ledger.
  package enum Carry: String, Sendable, CaseIterable {
    /// `sluice-relay`, running or from cron.
    case relay
    /// Each handler, for a while after its answer: for hosts that allow no daemon.
    case handlers
  }

  package struct Server: Sendable {
    /// The one directory of state.
    package internal(set) var stateDirectory: String
    /// Where providers reach the channels from outside, without a slash at the end: a channel's
    /// endpoints are `…/CHANNEL/inbound` and `…/CHANNEL/status`. For providers that sign their
    /// webhooks' URL, and for links to media.
    package let publicURL: String?
    /// The shared segment's path, on a tmpfs.
    package internal(set) var sharedMemory: String
    /// Threads per process for what takes time.
    package internal(set) var threads: Int
    package internal(set) var maximumBodyBytes: Int
    package let carry: Carry
    /// Seconds `/message` may wait for the provider; 0 leaves every send to the carrier.
    package internal(set) var firstAttemptSeconds: Double
    /// Disk kept aside for what was accepted before the disk was full.
    package internal(set) var reserveBytes: Int
    /// Whether what happens is counted and timed, for console and metrics.
    package internal(set) var countsEvents: Bool
    /// Seconds that an entry may be overdue before `/readyz` says no.
    package internal(set) var overdueSeconds: Double
    /// Seconds for which no relay may be seen at work before `/readyz` says no.
    package internal(set) var relaySilenceSeconds: Double
  }

  package struct Platform: Sendable {
    package let limitPerSecond: Double
    package let timeoutSeconds: Double
    package let retry: RetryPolicy
    /// Whether `sent` is posted; the 200 of `/message` says it already.
    package let postSent: Bool
    /// Events of one contact that may go in one call.
    package let eventsPerCall: Int
    /// Entries that may wait in one queue of a channel.
    package let maximumQueued: Int
  }

  package struct Relay: Sendable {
    /// Calls under way at once.
    package let inFlight: Int
    package let leaseSeconds: Double
    /// Minutes for which a contact's last message makes a conversation, which goes before bulk.
    package internal(set) var conversationMinutes: Double
    /// The part of the calls that bulk gets however much conversation there is; statuses beside
    /// messages likewise. 0 to 1.
    package let bulkShare: Double
  }

  package struct Retention: Sendable {
    package let days: Double
    /// For which a status waits for the message it belongs to.
    package let parkedHours: Double
  }

  package internal(set) var server: Server
  package let platform: Platform
  package internal(set) var relay: Relay
  package let retention: Retention
  package let media: Media
  package let console: Console
  package let log: Log
  package let channels: ChannelDirectory

  package var ledgerPolicy: LedgerPolicy {
    LedgerPolicy(
      conversationWindow: Int64(relay.conversationMinutes * 60_000),
      firstAttempt: Int64(server.firstAttemptSeconds * 1_000),
      reserveBytes: server.reserveBytes)
  }

  package static let customaryPath = "/etc/sluice/sluice.toml"

  /// Where the settings are, unless the caller knows better: `SLUICE_SETTINGS`, or the customary
  /// place.
  package static var defaultPath: String {
    if let path = getenv("SLUICE_SETTINGS"), path.pointee != 0 { return String(cString: path) }
    return customaryPath
  }

  /// Reads the file, and the channels that stand in it; those in files of their own are read when
  /// first asked for.
  package static func load(path: String) throws(SettingsError) -> Settings {
    let file: SettingsFile
    do throws(SettingsProblem) {
      file = try SettingsFile(path: path)
    } catch {
      throw SettingsError([error])
    }
    var root = SettingsReader(file)
    let settings = Settings(reading: &root, of: file)
    guard root.problems.isEmpty else { throw SettingsError(root.problems) }
    return settings
  }

  /// Mistakes are left in `root`; with any, the value only serves to look for more.
  init(reading root: inout SettingsReader, of file: SettingsFile) {
    server = Server(reading: &root)
    platform = Platform(reading: &root)
    relay = Relay(reading: &root)
    var retention = root.reader("retention")
    self.retention = Retention(
      days: retention.number("days", default: 30, in: 0.01...3_650),
      parkedHours: retention.number("parked_hours", default: 24, in: 0.01...720))
    root.finish(retention)
    media = Media(reading: &root)
    console = Console(reading: &root)
    log = Log(reading: &root)
    channels = ChannelDirectory(
      file: file, directory: root.directory + "/channels", reading: &root,
      platform: platform, publicURL: server.publicURL)
    root.finish()
  }
}

extension Settings.Server {
  fileprivate init(reading root: inout SettingsReader) {
    var reader = root.reader("server")
    let directory = reader.string("state_dir", example: "/var/lib/sluice") ?? ""
    // One path however the settings are named: what the programs share is found by it.
    stateDirectory =
      directory.isEmpty || directory.hasPrefix("/")
      ? File.canonicalPath(directory) : File.canonicalPath("\(root.directory)/\(directory)")
    publicURL =
      reader.has("public_url")
      ? reader.url("public_url", example: "https://sluice.example.com/sluice")?
        .droppingSuffix("/") : nil
    sharedMemory =
      reader.optionalString("shared_memory", example: "/run/sluice/segment")
      .map { $0.hasPrefix("/") ? $0 : "\(root.directory)/\($0)" }
      ?? SharedSegment.defaultPath(for: stateDirectory)
    threads = reader.integer("threads", default: 16, in: 1...1_024)
    maximumBodyBytes = reader.integer(
      "max_body_bytes", default: 1 << 20, in: 1_024...(64 << 20))
    carry = reader.choice("carry", default: .relay)
    firstAttemptSeconds = reader.number("first_attempt_seconds", default: 3, in: 0...30)
    reserveBytes = reader.integer("reserve_mb", default: 32, in: 0...65_536) << 20
    countsEvents = reader.flag("counters", default: true)
    overdueSeconds = reader.number("overdue_seconds", default: 600, in: 1...86_400)
    relaySilenceSeconds = reader.number("relay_silence_seconds", default: 10, in: 2...86_400)
    root.finish(reader)
  }
}

extension Settings.Platform {
  fileprivate init(reading root: inout SettingsReader) {
    var reader = root.reader("platform")
    limitPerSecond = reader.number("limit_per_second", default: 20, in: 0.01...1_000_000)
    timeoutSeconds = reader.number("timeout_seconds", default: 15, in: 0.1...120)
    retry = RetryPolicy(
      base: Int64(reader.number("retry_base_seconds", default: 1, in: 0.001...3_600) * 1_000),
      cap: Int64(reader.number("retry_cap_seconds", default: 300, in: 0.001...86_400) * 1_000),
      maximumAge: Int64(
        reader.number("max_age_hours", default: 24, in: 0.0001...8_760) * 3_600_000))
    postSent = reader.flag("post_sent", default: false)
    eventsPerCall = reader.integer("events_per_call", default: 1, in: 1...100)
    maximumQueued = reader.integer("max_queued", default: 1_000_000, in: 1...100_000_000)
    root.finish(reader)
  }
}

extension Settings.Relay {
  fileprivate init(reading root: inout SettingsReader) {
    var reader = root.reader("relay")
    inFlight = reader.integer("in_flight", default: 128, in: 1...4_096)
    leaseSeconds = reader.number("lease_seconds", default: 60, in: 1...3_600)
    conversationMinutes = reader.number("conversation_minutes", default: 15, in: 0...10_080)
    bulkShare = reader.number("bulk_share", default: 0.2, in: 0.01...1)
    root.finish(reader)
  }
}

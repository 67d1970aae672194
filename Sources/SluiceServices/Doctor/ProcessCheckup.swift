import SluiceCore

/// Whether the programs run, and may have as much of the host as they need.
package enum ProcessCheckup {
  /// One of Sluice's programs that runs.
  package struct Process: Equatable, Sendable {
    package let name: String
    package let id: Int32
    /// The most file descriptors it may have open; `nil` where that cannot be seen.
    package var descriptors: Int?
    /// Its `--threads`.
    package var threads: Int?
    /// The most threads of its control group (`TasksMax`); `nil` without a limit.
    package var tasks: Int?
    /// Processes of one control group share that.
    package var group = ""

    package init(name: String, id: Int32) {
      self.name = name
      self.id = id
    }
  }

  package static func findings(
    _ processes: [Process], _ settings: Settings, _ traffic: SendTraffic? = nil
  ) -> [Finding] {
    running(processes, settings) + descriptors(processes, settings)
      + [threads(processes, settings, traffic)]
  }

  private static func running(_ processes: [Process], _ settings: Settings) -> [Finding] {
    let names = Dictionary(grouping: processes, by: \.name).mapValues(\.count)
    var findings: [Finding] = []
    if settings.server.carry == .relay && names["sluice-relay"] == nil {
      findings.append(
        .problem(
          "programs", "No relay runs: what is accepted is not carried on.",
          remedy: "Start sluice-relay, run it from cron with --once, or set carry = \"handlers\"."))
    }
    if processes.isEmpty {
      findings.append(
        .warning(
          "programs", "None of Sluice's programs runs as this user.",
          remedy: "Start them (README, \"Running the programs\"); under plain CGI that is as it is."
        ))
    } else if findings.isEmpty {
      let count = names.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      findings.append(.good("programs", "Running: \(count.joined(separator: ", "))."))
    }
    return findings
  }

  // MARK: Descriptors

  private static func descriptors(_ processes: [Process], _ settings: Settings) -> [Finding] {
    let known = processes.filter { $0.descriptors != nil }
    let lacking = known.filter { $0.descriptors! < descriptorsNeeded($0, settings) }
    if lacking.isEmpty {
      let fewest = known.min { $0.descriptors! < $1.descriptors! }?.descriptors
      let most = known.map { descriptorsNeeded($0, settings) }.max()
      guard let fewest, let most else { return [] }
      return [
        .good("descriptors", "Each program may open \(fewest) files, and may need up to \(most).")
      ]
    }
    return lacking.map { process in
      .problem(
        "descriptors",
        "\(process.name) (process \(process.id)) may open \(process.descriptors!) files, and may need"
          + " \(descriptorsNeeded(process, settings)).",
        remedy: "Raise LimitNOFILE in its unit (or ulimit -n), or lower"
          + " \(process.name == relay ? "relay.in_flight" : "server.threads").")
    }
  }

  /// A connection for each request in hand (four a thread) and each call, and some.
  private static func descriptorsNeeded(_ process: Process, _ settings: Settings) -> Int {
    process.name == relay
      ? 64 + settings.relay.inFlight * 2
      : 64 + threads(of: process, settings) * 5
  }

  // MARK: Threads

  private static func threads(
    _ processes: [Process], _ settings: Settings, _ traffic: SendTraffic?
  ) -> Finding {
    for (group, members) in Dictionary(grouping: processes, by: \.group).sorted(by: {
      $0.key < $1.key
    }) {
      let needed = members.reduce(0) { sum, process in
        sum + otherThreads + (process.name == relay ? 0 : threads(of: process, settings))
      }
      guard let limit = members.compactMap(\.tasks).min(), limit < needed else { continue }
      return .problem(
        "threads",
        "\(members.map(\.name).joined(separator: ", ")) may have \(limit) threads (\(group)), and need \(needed).",
        remedy: "Raise TasksMax in the unit, or lower server.threads.")
    }
    let server = settings.server
    guard server.firstAttemptSeconds > 0 else {
      return .good(
        "threads",
        "\(server.threads) a process; /message waits for no provider (server.first_attempt_seconds is 0)."
      )
    }
    let outbound = processes.filter { $0.name == "sluice-outbound" }.map {
      threads(of: $0, settings)
    }
    let atOnce = (outbound.isEmpty ? [server.threads] : outbound).reduce(0) { $0 + max(1, $1 / 2) }
    let text = "\(atOnce) messages may be attempted at once while the platform waits"
    guard let traffic else { return .good("threads", "\(text).") }
    let wanted = traffic.busy(atMost: server.firstAttemptSeconds)
    let figures =
      "in the busiest minute of the last hour it were \(HostCheckup.rounded(wanted))"
      + " (\(HostCheckup.rounded(traffic.peakPerSecond)) messages a second,"
      + " \(HostCheckup.rounded(traffic.callSeconds)) s each)"
    guard wanted > Double(atOnce) else { return .good("threads", "\(text); \(figures).") }
    return .warning(
      "threads", "Only \(text); \(figures). The others are left to the relay.",
      remedy:
        "Raise server.threads, of which half attempt, or run more processes of sluice-outbound.")
  }

  private static func threads(of process: Process, _ settings: Settings) -> Int {
    process.threads ?? settings.server.threads
  }

  private static let relay = "sluice-relay"
  /// What a program has beside its workers: for requests, commits, signals, names.
  private static let otherThreads = 16
}

/// How much is sent, and how long it takes, as far as it was counted.
package struct SendTraffic: Equatable, Sendable {
  /// Messages to contacts in a second of the busiest minute.
  package let peakPerSecond: Double
  /// A call to a provider, on average.
  package let callSeconds: Double

  package init(peakPerSecond: Double, callSeconds: Double) {
    self.peakPerSecond = peakPerSecond
    self.callSeconds = callSeconds
  }

  /// - Returns: `nil` before anything was sent.
  package init?(_ status: SharedStatus) {
    let calls = [TimedDuration.call(.provider), .call(.fallback)].map(status.histogram)
    let count = calls.reduce(0) { $0 + $1.count }
    guard count > 0 else { return nil }
    var minutes: [Int64: Double] = [:]
    for channel in status.channels {
      // A channel's history does not tell the directions apart; its counters do.
      let sent = Double(status.counter(.accepted, .outbound, of: channel))
      let all = sent + Double(status.counter(.accepted, .inbound, of: channel))
      guard sent > 0 else { continue }
      for point in status.history(.hour, of: channel) {
        minutes[point.start, default: 0] += Double(point.accepted) * sent / all
      }
    }
    peakPerSecond = (minutes.values.max() ?? 0) / 60
    callSeconds = Double(calls.reduce(0) { $0 + $1.microseconds }) / Double(count) / 1e6
  }

  /// How many attempts are under way at once then.
  func busy(atMost seconds: Double) -> Double { peakPerSecond * min(callSeconds, seconds) }
}

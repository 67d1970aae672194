import SluiceCore

/// A channel as the overview shows it. Times are Unix milliseconds.
struct ChannelView {
  let name: ChannelName
  /// Which provider it is at; `nil` before somebody looked.
  var provider: String?
  /// Whether its settings cannot be read.
  var isUnreadable = false
  /// Whether it has a second account.
  var hasFallback = false
  var calls: [Destination: CallState] = [:]
  var queued = 0
  /// How many may have been sent, without anybody knowing yet.
  var unknown = 0
  /// Since when the one waits that has waited longest.
  var oldest: Int64?
  var deadLetters = 0
  var quarantined = 0
  var hour: [HistoryPoint] = []

  /// The calls to one side.
  struct CallState {
    var status = DestinationStatus()
    var isPaused = false
  }

  func calls(to destination: Destination) -> CallState {
    calls[destination] ?? CallState()
  }

  /// What holds its calls up.
  var state: ChannelState {
    var state = ChannelState()
    state.platform = calls(to: .platform).status
    state.provider = calls(to: .provider).status
    state.fallback = calls(to: .fallback).status
    state.hasFallback = hasFallback
    state.paused = Set(calls.filter(\.value.isPaused).keys)
    return state
  }

  /// What there is to say about it, the most pressing first.
  func findings(now: Int64) -> [(text: String, tone: Tone)] {
    var findings: [(text: String, tone: Tone)] = []
    for destination in [Destination.provider, .fallback, .platform] {
      let calls = calls(to: destination)
      if case .open(let until) = calls.status.breaker {
        findings.append(
          ("\(destination) does not answer; next try \(Words.distance(to: until, now: now))", .bad))
      } else if calls.status.breaker == .halfOpen {
        findings.append(("\(destination) is being tried again", .warm))
      }
      if let until = calls.status.heldUntil, until > now {
        findings.append(
          (
            "\(destination) asked for a pause; goes on \(Words.distance(to: until, now: now))",
            .warm
          ))
      }
      if calls.isPaused { findings.append(("\(destination) paused", .warm)) }
    }
    if let oldest, now - oldest > Self.late {
      findings.append(("late: the oldest waits for \(TimeSpan.text(now - oldest))", .warm))
    }
    if isUnreadable { findings.append(("settings cannot be read", .bad)) }
    return findings.sorted { ($0.tone == .bad ? 0 : 1) < ($1.tone == .bad ? 0 : 1) }
  }

  /// Greater for what should be looked at sooner.
  func urgency(now: Int64) -> Int {
    let findings = findings(now: now)
    if findings.contains(where: { $0.tone == .bad }) { return 3 }
    if !findings.isEmpty { return 2 }
    return deadLetters + quarantined > 0 ? 1 : 0
  }

  /// Milliseconds that something may wait before it is worth a word.
  private static let late: Int64 = 60_000
}

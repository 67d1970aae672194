import SluiceCore

/// Whether what is taken in now will be delivered soon, from what is known of ledger, relay and queue.
struct Readiness {
  /// Whether handlers leave what they take in to a relay.
  let needsRelay: Bool
  let relaySilenceSeconds: Double
  let overdueSeconds: Double

  var ledgerProblem: LedgerError?
  /// Milliseconds since a relay was seen at work; `nil` if none has been since the host was started.
  var relayAge: Int64?
  /// The queue with the oldest due entry, but for what is paused.
  var oldest: QueueOverview?

  init(needsRelay: Bool, relaySilenceSeconds: Double, overdueSeconds: Double) {
    self.needsRelay = needsRelay
    self.relaySilenceSeconds = relaySilenceSeconds
    self.overdueSeconds = overdueSeconds
  }

  /// A sentence for each reason why not.
  func problems(now: Int64) -> [String] {
    var problems: [String] = []
    if let ledgerProblem { problems.append(ledgerProblem.description) }
    if needsRelay {
      if let relayAge {
        let seconds = Double(relayAge) / 1_000
        if seconds > relaySilenceSeconds {
          problems.append(
            "No relay has been at work for \(Int(seconds)) seconds. Start sluice-relay.")
        }
      } else {
        problems.append(
          "No relay has been at work since this host was started. Start sluice-relay.")
      }
    }
    if let oldest, let due = oldest.firstDue {
      let seconds = Double(now - due) / 1_000
      if seconds > overdueSeconds {
        problems.append(
          "An entry of the channel \(oldest.channel) (\(oldest.queue)) has been due for"
            + " \(Int(seconds)) seconds. See what it waits for: sluice queue \(oldest.channel).")
      }
    }
    return problems
  }
}

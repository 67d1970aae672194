import SluiceCore

/// `/readyz`: whether what is taken in now will be delivered soon; if not, a line for each reason. Each
/// question costs a commit, so it stands behind the same gate as the metrics.
package struct ReadinessService: RequestHandler {
  private let context: ServiceContext
  private let ledger: any InspectableLedger
  private let status: SharedStatus

  package init(context: ServiceContext, ledger: any InspectableLedger) {
    self.context = context
    self.ledger = ledger
    status = SharedStatus(context.settings.server, clocks: context.clocks)
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    if let refusal = MetricsService.refusal(of: request) { return .answered(refusal) }
    return .blocking { .answered(answer()) }
  }

  private func answer() -> HTTPResponse {
    let server = context.settings.server
    var readiness = Readiness(
      needsRelay: server.carry == .relay, relaySilenceSeconds: server.relaySilenceSeconds,
      overdueSeconds: server.overdueSeconds)
    readiness.relayAge = status.relayAge
    do throws(LedgerError) {
      try ledger.checkWritable()
      let pauses = Set(try ledger.pauses())
      readiness.oldest = try ledger.overview()
        .filter { !pauses.contains(Pause(channel: $0.channel, destination: $0.queue.destination)) }
        .min { ($0.firstDue ?? .max) < ($1.firstDue ?? .max) }
    } catch {
      readiness.ledgerProblem = error
    }
    let problems = readiness.problems(now: context.clocks.wall)
    return problems.isEmpty
      ? HTTPResponse(status: 200, text: "ready\n")
      : HTTPResponse(status: 503, text: problems.joined(separator: "\n") + "\n")
  }
}

import SluiceCore
import Testing

@testable import SluiceServices

struct ReadinessTests {
  static let now: Int64 = 1_800_000_000_000

  typealias Row = (
    label: String, needsRelay: Bool, relayAge: Int64?, dueFor: Int64?, ledger: LedgerError?,
    problems: [String]
  )
  static let rows: [Row] = [
    ("all is well", true, 900, 599_000, nil, []),
    ("nothing waits", true, 0, nil, nil, []),
    ("due later", true, 0, -60_000, nil, []),
    (
      "a relay that fell silent", true, 10_001, nil, nil,
      ["No relay has been at work for 10 seconds. Start sluice-relay."]
    ),
    (
      "no relay ever", true, nil, nil, nil,
      ["No relay has been at work since this host was started. Start sluice-relay."]
    ),
    ("none needed", false, nil, nil, nil, []),
    (
      "overdue", false, nil, 601_000, nil,
      [
        "An entry of the channel sms (inbound) has been due for 601 seconds."
          + " See what it waits for: sluice queue sms."
      ]
    ),
    (
      "several reasons", true, 60_000, nil, .full("less than 32 MB are left"),
      [
        "The ledger's disk is full (less than 32 MB are left). Free space on it.",
        "No relay has been at work for 60 seconds. Start sluice-relay.",
      ]
    ),
  ]

  @Test(arguments: rows)
  func says(row: Row) throws {
    var readiness = Readiness(
      needsRelay: row.needsRelay, relaySilenceSeconds: 10, overdueSeconds: 600)
    readiness.relayAge = row.relayAge
    readiness.ledgerProblem = row.ledger
    readiness.oldest = try row.dueFor.map {
      QueueOverview(
        channel: try #require(ChannelName("sms")), queue: .inbound, queued: 3, unknown: 0,
        firstDue: Self.now - $0, oldestQueued: Self.now - $0)
    }
    #expect(readiness.problems(now: Self.now) == row.problems, "\(row.label)")
  }
}

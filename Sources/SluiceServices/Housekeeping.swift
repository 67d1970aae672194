import Logging
import SluiceCore

/// What a ledger needs now and then: old rows go, space is set aside again, and what a step of the
/// clock has hidden comes back. A little at a time,
/// so that nobody waits for it.
struct Housekeeping: Sendable {
  private var context: ServiceContext
  private var mark = PruneMark.start

  init(_ context: ServiceContext) { self.context = context }

  /// Until a stop is asked for.
  mutating func run() {
    while !StopSignal.isRequested {
      context.refresh()
      do throws(LedgerError) {
        try hasten()
        if try prune() { continue }
        try context.ledger.maintain()
      } catch {
        // The carrier meets the same error, and says so.
      }
      sweepMedia()
      StopSignal.wait(seconds: 60)
    }
  }

  /// Whether or not the clock was stepped: nobody may have been there to see it.
  func hasten() throws(LedgerError) {
    try context.hasten(
      LongestDelays(
        now: context.clocks.wall,
        // No provider is obeyed for longer than an hour; no channel's patience lasts over a day.
        retry: max(context.settings.platform.retry.cap, 3_600_000), unknown: 86_400_000,
        lease: context.leaseMilliseconds))
  }

  /// Copies of media that nobody asks for any more.
  func sweepMedia() {
    let count = MediaStore(context.settings).sweep(
      context.settings.media, now: context.clocks.wall)
    if count > 0 { context.log.debug("media removed", metadata: ["copies": "\(count)"]) }
  }

  /// - Returns: Whether there is more to look at.
  mutating func prune() throws(LedgerError) -> Bool {
    let retention = context.settings.retention
    let now = context.clocks.wall
    let pruned = try context.ledger.prune(
      PruneTerms(
        now: now, before: now - Int64(retention.days * 86_400_000),
        parkedBefore: now - Int64(retention.parkedHours * 3_600_000), limit: Self.batch),
      from: mark)
    mark = pruned.next ?? .start
    for parked in pruned.expired {
      context.log.warning(
        "a status came for a message that nobody sent; it has expired",
        metadata: [
          "channel": "\(parked.channel)", "external_id": "\(parked.externalID)",
          "status": "\(parked.status)",
        ])
    }
    return pruned.next != nil || pruned.expired.count == Self.batch
  }

  private static let batch = 200
}

extension ServiceContext {
  var leaseMilliseconds: Int64 { Int64(settings.relay.leaseSeconds * 1_000) }

  /// Makes due what a step of the clock has put out of reach.
  func hasten(_ delays: LongestDelays) throws(LedgerError) {
    let count = try ledger.hasten(delays)
    guard count > 0 else { return }
    log.warning(
      "entries were due impossibly late; was the clock set back?",
      metadata: ["entries": "\(count)"])
  }
}

import SluiceCore

/// Everything the sandbox remembers, under one lock: an arrival takes it once, for microseconds.
/// All of it is bounded.
struct SandboxState {
  /// Tells the page and tests that all numbers began anew.
  let epoch: Int64
  var arrivals = RingLog<Arrival>(capacity: 400_000)
  var sends = RingLog<Send>(capacity: 200_000)
  var phones = PhoneLog()
  var lookups = RingLog<Lookup>(capacity: 50_000)
  var attempts = RingLog<CallbackAttempt>(capacity: 50_000)
  var violations = RingLog<RecordedViolation>(capacity: 5_000)
  var media = MediaShelf()
  var faults = FaultTable()
  var page = PageState()
  var channels: [ChannelState]
  var reports: ReportDelays
  var requests: UInt32 = 0

  init(_ configuration: SandboxConfiguration, epoch: Int64) {
    self.epoch = epoch
    reports = configuration.reports
    channels = configuration.channels.map { _ in ChannelState(configuration) }
  }
}

/// One channel's part of it.
struct ChannelState {
  var window: SlidingWindow
  /// How often each event was taken, by its identity.
  var taken = BoundedTable<Int>(capacity: 400_000)
  /// The messages whose mId `/message` returned.
  var outbound = BoundedTable<OutboundRecord>(capacity: 200_000)
  /// Calls of ours to `/message` that have not been answered.
  var awaited = 0
  /// Statuses that came while calls were awaited, for an mId not known yet.
  var early: [EarlyStatus] = []
  /// Somebody else calls `/message` too, so that any mId may be right.
  var takesAnyStatus = false
  var callbacks = CallbackCounts()
  var options: ChannelOptions
  /// What arrived at the platform since the reset, beyond what the log still holds.
  var arrived = ArrivalCounter()

  init(_ configuration: SandboxConfiguration) {
    window = SlidingWindow(limit: configuration.limitPerSecond)
    options = ChannelOptions(maximumEvents: configuration.maximumEvents)
  }
}

/// What the platform knows of a message it sent.
struct OutboundRecord: Sendable {
  var status: DeliveryStatus = .queued
  /// Its number on the page.
  let item: Int?
}

/// A status that came before the answer with its mId.
struct EarlyStatus: Sendable {
  let mID: String
  let status: DeliveryStatus
  let reason: String?
  /// Nanoseconds of `CLOCK_BOOTTIME`.
  let boot: UInt64

  /// Answer and status travel on different connections: so much may the answer be behind.
  static let grace: UInt64 = 250_000_000
}

/// What became of a channel's callbacks.
struct CallbackCounts: Equatable, Sendable {
  /// Attempts, repeats included.
  var posted = 0
  var accepted = 0
  var retried = 0
  var abandoned = 0
  /// Waiting, or under way.
  var pending = 0

  var json: JSON {
    [
      "posted": .integer(Int64(posted)), "accepted": .integer(Int64(accepted)),
      "retried": .integer(Int64(retried)), "abandoned": .integer(Int64(abandoned)),
      "pending": .integer(Int64(pending)),
    ]
  }
}

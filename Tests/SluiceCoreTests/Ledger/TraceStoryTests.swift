import SluiceCore
import Testing

/// What people are told of a message, and of why something waits.
struct TraceStoryTests {
  private static let now: Int64 = 1_760_000_000_000
  private static let id = MessageID(high: 1 << 20, low: 7)
  private static let other = MessageID(high: 1 << 20, low: 8)
  private static let channel = ChannelName("sms")!
  private static let contact = try! ContactID("+60177872890")

  private static func entry(
    _ state: WaitingEntry.State, queue: Queue = .outbound, attempts: Int = 0,
    last: AttemptRecord? = nil, route: Route = .main
  ) -> WaitingEntry {
    WaitingEntry(
      id: id, channel: channel, contact: contact, queue: queue, part: 0, enqueuedAt: now - 60_000,
      attempts: attempts, isConversation: false, state: state, lastAttempt: last,
      route: route)
  }

  private static func state(_ change: (inout ChannelState) -> Void) -> ChannelState {
    var state = ChannelState()
    change(&state)
    return state
  }

  private static let refused = AttemptRecord(
    startedAt: now - 900, finishedAt: now - 400, outcome: .deferred, httpStatus: 503,
    detail: "try later")

  static let reasons: [(label: String, WaitingEntry, ChannelState, says: String)] = [
    (
      "behind another", entry(.behind(other)), ChannelState(),
      "message \(other) of the same contact"
    ),
    ("behind its own part", entry(.behind(id)), ChannelState(), "an earlier part of it goes first"),
    (
      "backing off", entry(.due(at: now + 12_300), attempts: 1, last: refused), ChannelState(),
      "tried again in 12.3 s; the last call was deferred (HTTP 503)"
    ),
    ("leased", entry(.leased(until: now + 9)), ChannelState(), "the provider is being called"),
    ("holder killed", entry(.leased(until: now - 9)), ChannelState(), "was stopped; another"),
    (
      "unknown", entry(.unknown(since: now - 9, next: now + 5_000)), ChannelState(),
      "whether the provider took it is not known since 2025-10-09T08:53:19.991Z"
    ),
    ("about to leave", entry(.due(at: now - 9)), ChannelState(), "it leaves within moments"),
    ("nobody there", entry(.due(at: now - 60_000)), ChannelState(), "is sluice-relay running?"),
    (
      "a pause comes before everything", entry(.due(at: now + 9)),
      state { $0.paused = [.provider] }, "calls to the provider are paused"
    ),
    (
      "the other side's pause is no reason", entry(.due(at: now)),
      state { $0.paused = [.platform] }, "within moments"
    ),
    (
      "breaker", entry(.due(at: now), queue: .inbound),
      state { $0.platform.breaker = .open(until: now + 1_000) },
      "the platform failed several calls in a row; nobody calls it before 2025-10-09T08:53:21.000Z"
    ),
    (
      "throttled", entry(.due(at: now)), state { $0.provider.heldUntil = now + 1_000 },
      "the provider asked for a pause until"
    ),
    (
      "rate limit", entry(.due(at: now - 90_000)),
      state {
        $0.provider.limit = 20
        $0.provider.lastSecond = 19.5
      }, "the limit of 20 calls a second is used up"
    ),
  ]

  /// With a second account, both of which are down or not.
  private static func accounts(main: Bool, fallback: Bool) -> ChannelState {
    state {
      $0.hasFallback = true
      if main { $0.provider.breaker = .open(until: now + 2_000) }
      if fallback { $0.fallback.breaker = .open(until: now + 1_000) }
    }
  }

  static let accountReasons:
    [(label: String, WaitingEntry, main: Bool, fallback: Bool, says: String)] = [
      ("the main account is down", entry(.due(at: now)), true, false, "it leaves within moments"),
      (
        "only it may have it", entry(.due(at: now), route: .boundToMain), true, false,
        "the main account failed several calls in a row"
      ),
      (
        "the other is down, which has it", entry(.due(at: now), route: .boundToFallback), false,
        true, "the fallback failed several calls in a row; nobody calls it before 2025-10-09"
      ),
      (
        "the other is down, which had it before", entry(.due(at: now), route: .fallback), false,
        true, "it leaves within moments"
      ),
      (
        "both are", entry(.due(at: now)), true, true,
        "the main account and the fallback failed several calls in a row; nobody calls either"
          + " before 2025-10-09T08:53:21.000Z"
      ),
      (
        "under way", entry(.leased(until: now + 9), route: .fallback), true, false,
        "the fallback is being called"
      ),
      (
        "unknown", entry(.unknown(since: now, next: now), route: .boundToFallback), false, false,
        "whether the fallback took it"
      ),
      (
        "what is the platform's", entry(.due(at: now), queue: .inbound), true, true,
        "it leaves within moments"
      ),
    ]

  @Test(arguments: accountReasons)
  func namesTheAccount(
    label: String, entry: WaitingEntry, main: Bool, fallback: Bool, says: String
  ) {
    let reason = entry.reason(Self.accounts(main: main, fallback: fallback), now: Self.now)
    #expect(reason.hasPrefix(says), "\(label): \(reason)")
  }

  @Test("a call says which account it went to, where there are two")
  func tellsAccounts() {
    func steps(_ accounts: [Account], hasFallback: Bool) -> [String] {
      let attempts = accounts.map {
        TracedAttempt(queue: .outbound, part: 0, account: $0, record: Self.refused)
      }
      let channel = Self.state { $0.hasFallback = hasFallback }
      return TraceStory(Self.trace(.queued, attempts: attempts), channel, now: Self.now)
        .steps.dropFirst().map { String($0.text.prefix { $0 != ":" }) }
    }
    let named = [
      "the message, call 1, by the main account", "the message, call 2, by the fallback",
    ]
    #expect(steps([.main, .fallback], hasFallback: true) == named)
    #expect(steps([.main, .fallback], hasFallback: false) == named, "the settings have changed")
    #expect(steps([.main], hasFallback: false) == ["the message, call 1"])
  }

  @Test(arguments: reasons)
  func namesTheReason(label: String, entry: WaitingEntry, state: ChannelState, says: String) {
    let reason = entry.reason(state, now: Self.now)
    #expect(reason.contains(says), "\(label): \(reason)")
  }

  private static func trace(
    _ status: DeliveryStatus, direction: MessageDirection = .outbound, reason: String? = nil,
    waiting: [WaitingEntry] = [], attempts: [TracedAttempt] = [],
    callbacks: [TracedCallback] = [], deadLetters: [DeadLetter] = []
  ) -> MessageTrace {
    MessageTrace(
      message: MessageSummary(
        row: 1, id: id, channel: channel, direction: direction, contact: contact,
        externalID: nil, createdAt: now - 60_000, timestamp: now - 60_000, status: status,
        statusSince: now - 57_500, reason: reason, content: MessageContent.text("Hi").json.bytes),
      profile: nil, reported: nil, webhook: nil, parts: [], waiting: waiting, attempts: attempts,
      callbacks: callbacks, deadLetters: deadLetters)
  }

  static let verdicts: [(MessageTrace, says: String, TraceStory.Mood)] = [
    (
      trace(.failed, reason: "The number is blocked (30007)"),
      "Failed: The number is blocked (30007).", .bad
    ),
    (
      trace(
        .failed, reason: "Blocked.", waiting: [entry(.due(at: now - 60_000), queue: .status)]),
      "Failed: Blocked. The agent does not know yet: it is due since 1 min, and nobody has taken it"
        + " up: is sluice-relay running?", .bad
    ),
    (
      trace(.queued, waiting: [entry(.due(at: now + 5_000))]),
      "Not yet with the provider: it is tried again in 5.0 s.", .open
    ),
    (
      trace(.delivered, direction: .inbound),
      "Delivered: the platform took it at 2025-10-09T08:52:22.500Z, 2.5 s after it came.", .good
    ),
    (
      trace(.sent),
      "Sent: the provider took it at 2025-10-09T08:52:22.500Z, and has not said yet that it arrived.",
      .open
    ),
    (trace(.delivered), "Delivered at 2025-10-09T08:52:22.500Z.", .good),
    (trace(.queued), "Accepted, and nothing waits to be done about it any more.", .bad),
  ]

  @Test(arguments: verdicts)
  func saysWhatBecameOfIt(trace: MessageTrace, says: String, mood: TraceStory.Mood) {
    let story = TraceStory(trace, ChannelState(), now: Self.now)
    #expect(story.verdict == says)
    #expect(story.mood == mood)
  }

  @Test("everything that happened, in the order of its times")
  func tellsSteps() throws {
    let letter = DeadLetter(
      id: Self.id, channel: Self.channel, queue: .outbound, contact: Self.contact, part: 0,
      diedAt: Self.now, attempts: 1, reason: "Blocked.", httpStatus: 400, answer: "no")
    let story = TraceStory(
      Self.trace(
        .failed,
        attempts: [
          TracedAttempt(queue: .outbound, part: 0, record: Self.refused),
          TracedAttempt(queue: .outbound, part: 0, record: Self.refused),
        ],
        callbacks: [
          TracedCallback(
            part: 0, status: .failed, receivedAt: Self.now - 10, reason: "off", webhook: nil)
        ], deadLetters: [letter]), ChannelState(), now: Self.now)
    #expect(
      story.steps.map(\.text) == [
        "sends “Hi”", "the message, call 1: deferred (HTTP 503) in 500 ms",
        "the message, call 2: deferred (HTTP 503) in 500 ms", "reports failed: off",
        "gives the message up: Blocked.",
      ])
    #expect(story.steps.map(\.side) == ["platform", "provider", "provider", "provider", "sluice"])
    #expect(story.steps.map(\.isTrouble) == [false, true, true, true, true])
  }

  static let spans: [(Int64, String)] = [
    (-5, "0 ms"), (999, "999 ms"), (12_345, "12.3 s"), (59_999, "59.9 s"), (60_000, "1 min"),
    (7_200_000, "2 h"), (7_260_000, "2 h 1 min"), (90_000_000, "1 d"),
  ]

  @Test(arguments: spans)
  func measures(milliseconds: Int64, text: String) {
    #expect(TimeSpan.text(milliseconds) == text)
  }
}

import SluiceCore
import SluiceTesting
import Testing

struct SettlementPolicyTests {
  static let now: Int64 = 1_760_000_000_000
  static let day: Int64 = 86_400_000
  static let send = Work.send(.text("Hello"))
  static let post = Work.post(
    content: ["type": "text", "text": "Hi"], isEcho: false, timestamp: 7, profile: nil)
  static let check = Work.check(externalID: "sb-1")

  static func report(_ status: DeliveryStatus) -> Work {
    .report(status, reason: nil, timestamp: 7)
  }

  /// What differs between channels.
  struct Traits: Sendable {
    var isIdempotent = true
    var canLookUp = true
    var policy = UnknownOutcome.Policy.fail
    var postSent = false
    var checkHours = 6
    var hasFallback = false

    static let standard = Traits()
    /// A provider that is neither asked nor told twice.
    static let mute = Traits(isIdempotent: false, canLookUp: false)
    static let muteRepeating = Traits(isIdempotent: false, canLookUp: false, policy: .repeat)
    static let askable = Traits(isIdempotent: false)
    static let askableRepeating = Traits(isIdempotent: false, policy: .repeat)

    private static let fallback = """
      [channels.sms.fallback]
      provider = "sandbox"
      [channels.sms.fallback.sandbox]
      url = "https://other.example/sms"
      api_key = "file:secrets/api_key"
      webhook_secret = "file:secrets/webhook_secret"
      """
    static let doubled = Traits(hasFallback: true)

    func channel() throws -> ChannelSettings {
      var text = SettingsText()
      text.platform = "post_sent = \(postSent)"
      text.channels[0].settings = "when_unknown = \"\(policy.rawValue)\""
      text.channels[0].provider =
        "idempotent = \(isIdempotent)\nlookup = \(canLookUp)\nlookup_after_hours = \(checkHours)"
      if hasFallback { text.channels[0].provider += "\n" + Self.fallback }
      let settings = try text.load(in: TemporaryDirectory())
      return try #require(try settings.channels.channel(ChannelName("sms")!))
    }
  }

  /// What differs between leases.
  struct Past: Sendable {
    var attempt = 1
    var isTakenOver = false
    /// Milliseconds before now.
    var unknownFor: Int64?
    var age: Int64 = 1_000
    var followers = 0
    var route = Route.main

    static let none = Past()
  }

  static func lease(_ work: Work, _ past: Past) throws -> Lease {
    let queue: Queue =
      switch work {
      case .send: .outbound
      case .post: .inbound
      case .report: .status
      case .check: .check
      }
    let channel = ChannelName("sms")!
    let contact = try ContactID("+60100000001")
    let followers = (0..<past.followers).map {
      Lease.Follower(entry: Int64($0 + 2), id: MessageID(high: 9, low: UInt64($0)), work: work)
    }
    return Lease(
      key: EntryKey(lane: Lane(channel: channel, queue: queue, contact: contact), id: 1),
      channel: channel, message: 1, part: 0, token: 1, attempt: past.attempt,
      isTakenOver: past.isTakenOver, unknownSince: past.unknownFor.map { now - $0 },
      expiresAt: now + 60_000, bootEnd: 60_000, enqueuedAt: now - past.age,
      id: MessageID(high: 1, low: 2),
      contact: contact, work: work, route: past.route, followers: followers)
  }

  /// A fate in a few words; times relative to now.
  static func text(_ fate: Settlement.Fate) -> String {
    switch fate {
    case .acknowledge(let receipt):
      [
        "taken", receipt.externalID.map { "as \($0)" },
        receipt.status == .sent ? nil : "\(receipt.status)", receipt.reason,
        receipt.checkAt.map { "check +\($0 - now)" },
      ].compactMap { $0 }.joined(separator: ", ")
    case .retry(let at): at == now ? "retry now" : "retry later"
    case .repeat(let at): at == now ? "repeat now" : "repeat later"
    case .failOver(let at): "fail over +\(at - now)"
    case .release(let at): "release +\(at - now)"
    case .await(let at): "await +\(at - now)"
    case .reject(let reason, let reports): "\(reports ? "" : "silently ")reject: \(reason)"
    }
  }

  // MARK: - Before the call

  static let unknownReason =
    "reject: It is not known whether the message was sent: no answer to the last attempt came."
    + " Ask the contact before you send it again."
  static let oldReason =
    "reject: Given up: it could not be delivered within its maximum age, in 0 attempts."

  static let actions: [(label: String, work: Work, traits: Traits, past: Past, action: String)] = [
    ("a message", post, .standard, .none, "delivery"),
    ("a status", report(.delivered), .standard, .none, "delivery"),
    ("sent, which nobody wants", report(.sent), .standard, .none, "taken"),
    ("sent, which somebody wants", report(.sent), Traits(postSent: true), .none, "delivery"),
    ("sent, with others behind it", report(.sent), .standard, Past(followers: 1), "delivery"),
    ("a message a day old", post, .standard, Past(age: day), oldReason),
    ("a millisecond less", post, .standard, Past(age: day - 1), "delivery"),
    ("a status a day old", report(.read), .standard, Past(age: day), oldReason),
    ("a message whose carrier was killed", post, .standard, Past(isTakenOver: true), "delivery"),

    ("a send", send, .standard, .none, "delivery"),
    ("a send a day old", send, .standard, Past(age: day), oldReason),
    ("a repeat does no harm", send, .standard, Past(isTakenOver: true), "delivery"),
    ("nor is it too old for that", send, .standard, Past(isTakenOver: true, age: day), "delivery"),
    ("killed, can be asked", send, .askable, Past(isTakenOver: true), "await +5000"),
    ("killed, cannot be asked", send, .mute, Past(isTakenOver: true), "await +60000"),
    ("killed, and old", send, .mute, Past(isTakenOver: true, age: day), "await +60000"),
    ("unknown, too early to ask", send, .askable, Past(unknownFor: 4_999), "await +1"),
    ("unknown, time to ask", send, .askable, Past(unknownFor: 5_000), "lookup"),
    ("unknown, asked late", send, .askable, Past(unknownFor: day), "lookup"),
    ("unknown, waits on", send, .mute, Past(unknownFor: 59_999), "await +1"),
    ("unknown for good", send, .mute, Past(unknownFor: 60_000), unknownReason),
    ("unknown, repeat", send, .muteRepeating, Past(unknownFor: 60_000), "retry now"),
    ("unknown, and too old", send, .mute, Past(unknownFor: 60_000, age: day), unknownReason),

    ("a check", check, .standard, .none, "lookup"),
    ("a check of what cannot be asked", check, .mute, .none, "taken"),
  ]

  @Test(arguments: actions)
  func acts(label: String, work: Work, traits: Traits, past: Past, action: String) throws {
    let channel = try traits.channel()
    let lease = try Self.lease(work, past)
    switch SettlementPolicy.action(for: lease, channel: channel, now: Self.now) {
    case .call(let call, let kind):
      #expect("\(kind)" == action)
      #expect((call.method == "GET") == (kind == .lookup))
    case .settle(let decision):
      #expect(Self.text(decision.fate) == action)
      #expect(decision.attempt == nil, "no call was made")
      #expect(decision.health == .unknown)
      #expect(decision.pause == nil)
      #expect(decision.event == (action.hasPrefix("reject") ? .rejected : nil))
    }
  }

  @Test func sendsCarryThePartsReference() throws {
    let lease = try Self.lease(Self.send, .none)
    let action = SettlementPolicy.action(
      for: lease, channel: try Traits.standard.channel(), now: Self.now)
    guard case .call(let call, .delivery) = action else {
      _ = Issue.record("\(action)")
      return
    }
    #expect(call.url == "https://sandbox.example/sms/messages")
    #expect(try JSONReader.read(call.body)["reference"]?.string == "\(lease.id).0")
  }

  // MARK: - After the call

  static func answered(
    _ status: Int, _ body: String = "", after: String? = nil
  ) -> CallResult {
    .answered(
      HTTPResponse(
        status: status, headers: after.map { [("retry-after", $0)] } ?? [],
        body: Array(body.utf8)))
  }

  typealias Row = (
    label: String, work: Work, result: CallResult, traits: Traits, past: Past, fate: String,
    event: CountedEvent?, health: SettlementPolicy.Health, outcome: AttemptRecord.Outcome,
    pause: Double?
  )

  static let refusal = "reject: The sandbox refused the message: no reason given (HTTP 422)."
  static let accountsRefusal =
    "reject: The sandbox refused the message: no reason given (HTTP 402)."
  static let silence = CallResult.unanswered(reason: "time-out")
  static let unreached = CallResult.notSent(reason: "refused")

  static let deliveries: [Row] = [
    (
      "taken", post, answered(204), .standard, .none, "taken, check +21600000", .delivered,
      .answers,
      .accepted, nil
    ),
    (
      "not now", post, answered(503), .standard, .none, "retry later", .deferred, .ails, .deferred,
      nil
    ),
    (
      "not for a day", post, answered(503), .standard, Past(attempt: 3, age: day),
      "reject: Given up after 3 attempts: the platform answered 503.", .rejected, .ails, .deferred,
      nil
    ),
    (
      "never", post, answered(400), .standard, .none, "reject: the platform answered 400",
      .rejected,
      .answers, .rejected, nil
    ),
    (
      "never, but of several", post, answered(400), .standard, Past(followers: 2), "retry now",
      .deferred, .answers, .rejected, nil
    ),
    (
      "throttled", post, answered(429, after: "7"), .standard, .none, "release +7000", .throttled,
      .answers, .deferred, 7
    ),
    (
      "throttled, for how long?", report(.read), answered(429), .standard, Past(followers: 1),
      "release +1000", .throttled, .answers, .deferred, 1
    ),
    (
      "throttled for no time", post, answered(429, after: "0"), .standard, .none, "release +50",
      .throttled, .answers, .deferred, 0.05
    ),
    (
      "throttled for a year", post, answered(429, after: "31536000"), .standard, .none,
      "release +3600000", .throttled, .answers, .deferred, 3_600
    ),
    (
      "throttled until it is too old", post, answered(429, after: "7"), .standard,
      Past(age: day - 7_000), "reject: Given up: the platform answered 429.", .rejected, .answers,
      .rejected, 7
    ),
    (
      "nothing left", post, unreached, .standard, .none, "retry later", .deferred, .ails, .deferred,
      nil
    ),
    (
      "the platform drops repeats", post, silence, .mute, .none, "retry later", .unknown, .ails,
      .unknown, nil
    ),

    (
      "a send, taken", send, answered(200, #"{"id":"sb-1"}"#), .standard, .none,
      "taken, as sb-1, check +21600000", .delivered, .answers, .accepted, nil
    ),
    (
      "no check wanted", send, answered(200, #"{"id":"sb-1"}"#), Traits(checkHours: 0), .none,
      "taken, as sb-1", .delivered, .answers, .accepted, nil
    ),
    (
      "no check possible", send, answered(200, #"{"id":"sb-1"}"#), .mute, .none, "taken, as sb-1",
      .delivered, .answers, .accepted, nil
    ),
    (
      "a send, refused", send, answered(422), .standard, .none, refusal, .rejected, .answers,
      .rejected, nil
    ),
    (
      "a send, the account refused", send, answered(402), .standard, .none, accountsRefusal,
      .rejected, .answers, .rejected, nil
    ),
    (
      "and another may send it", send, answered(402), .doubled, .none, "fail over +0", .deferred,
      .answers, .rejected, nil
    ),
    (
      "but not what this one may have", send, answered(402), .doubled, Past(route: .boundToMain),
      accountsRefusal, .rejected, .answers, .rejected, nil
    ),
    (
      "nor is there a third", send, answered(402), .doubled, Past(route: .boundToFallback),
      accountsRefusal, .rejected, .answers, .rejected, nil
    ),
    (
      "the message itself refused", send, answered(422), .doubled, .none, refusal, .rejected,
      .answers, .rejected, nil
    ),
    (
      "taken by the fallback", send, answered(200, #"{"id":"sb-1"}"#), .doubled,
      Past(route: .fallback), "taken, as fallback/sb-1, check +21600000", .delivered, .answers,
      .accepted, nil
    ),
    (
      "a send, throttled", send, answered(429, after: "2"), .mute, .none, "release +2000",
      .throttled, .answers, .deferred, 2
    ),
    (
      "a send, not now", send, answered(503, after: "2"), .mute, .none, "retry later", .deferred,
      .ails, .deferred, nil
    ),
    (
      "a send that did not leave", send, unreached, .mute, .none, "retry later", .deferred, .ails,
      .deferred, nil
    ),
    (
      "a repeat is dropped", send, silence, .standard, .none, "repeat later", .unknown, .ails,
      .unknown, nil
    ),
    (
      "unknown, can be asked", send, silence, .askable, .none, "await +5000", .unknown, .ails,
      .unknown, nil
    ),
    (
      "unknown, cannot be asked", send, silence, .mute, .none, "await +60000", .unknown, .ails,
      .unknown, nil
    ),
    (
      "policies come later", send, silence, .muteRepeating, .none, "await +60000", .unknown, .ails,
      .unknown, nil
    ),
    (
      "an answer that says nothing", send, answered(200, "{}"), .mute, .none, "await +60000",
      .unknown, .ails, .unknown, nil
    ),
  ]

  @Test(arguments: deliveries.indices)
  func decides(row: Int) throws {
    try expect(Self.deliveries[row], .delivery)
  }

  static let asked =
    "reject: It is not known whether the message was sent: the sandbox answered 500."
    + " Ask the contact before you send it again."

  static let lookups: [Row] = [
    (
      "found", send, answered(200, #"{"id":"sb-1","status":"sent"}"#), .askable,
      Past(unknownFor: 5_000), "taken, as sb-1", .delivered, .answers, .accepted, nil
    ),
    (
      "found in its queue", send, answered(200, #"{"id":"sb-1","status":"queued"}"#), .askable,
      Past(unknownFor: 5_000), "taken, as sb-1", .delivered, .answers, .accepted, nil
    ),
    (
      "found on the phone", send, answered(200, #"{"id":"sb-1","status":"delivered"}"#), .askable,
      Past(unknownFor: 5_000), "taken, as sb-1, delivered", .delivered, .answers, .accepted, nil
    ),
    (
      "found, and failed", send,
      answered(200, #"{"id":"sb-1","status":"failed","error":{"message":"No."}}"#), .askable,
      Past(unknownFor: 5_000), "taken, as sb-1, failed, The message was not delivered: No.",
      .delivered, .answers, .accepted, nil
    ),
    (
      "never arrived", send, answered(404, #"{"error":{"code":"not_found"}}"#), .askable,
      Past(unknownFor: 5_000), "retry now", .deferred, .answers, .deferred, nil
    ),
    (
      "no answer that helps", send, answered(500), .askable, Past(unknownFor: 5_000), "await +5000",
      nil, .ails, .unknown, nil
    ),
    (
      "nor later", send, answered(400), .askable, Past(unknownFor: 30_000), "await +15000", nil,
      .answers, .unknown, nil
    ),
    (
      "the last one is at the deadline", send, answered(500), .askable, Past(unknownFor: 59_000),
      "await +1000", nil, .ails, .unknown, nil
    ),
    (
      "patience is over", send, answered(500), .askable, Past(unknownFor: 60_000), asked, .rejected,
      .ails,
      .unknown, nil
    ),
    (
      "patience is over, repeat", send, answered(500), .askableRepeating, Past(unknownFor: 60_000),
      "retry now", nil, .ails, .unknown, nil
    ),
    (
      "it cannot be reached", send, unreached, .askable, Past(unknownFor: 5_000), "await +5000",
      nil,
      .ails, .unknown, nil
    ),

    (
      "a check that tells", check, answered(200, #"{"id":"sb-1","status":"read"}"#), .standard,
      .none, "taken, as sb-1, read", .delivered, .answers, .accepted, nil
    ),
    (
      "a check of the forgotten", check, answered(404, #"{"error":{"code":"not_found"}}"#),
      .standard, .none, "taken", nil, .answers, .unknown, nil
    ),
    (
      "a check without an answer", check, silence, .standard, Past(attempt: 3), "retry later", nil,
      .ails, .unknown, nil
    ),
    (
      "the last of them", check, silence, .standard, Past(attempt: 4), "taken", nil, .ails,
      .unknown,
      nil
    ),
  ]

  @Test(arguments: lookups.indices)
  func decidesLookups(row: Int) throws {
    try expect(Self.lookups[row], .lookup)
  }

  private func expect(_ row: Row, _ kind: SettlementPolicy.Kind) throws {
    var random = SplitMix64(seed: 3)
    let decision = SettlementPolicy.decide(
      try Self.lease(row.work, row.past), kind, result: row.result,
      channel: try row.traits.channel(), startedAt: Self.now - 20, now: Self.now, using: &random)
    #expect(Self.text(decision.fate) == row.fate, "\(row.label)")
    #expect(decision.event == row.event, "\(row.label)")
    #expect(decision.health == row.health, "\(row.label)")
    #expect(decision.pause == row.pause, "\(row.label)")
    let attempt = try #require(decision.attempt, "\(row.label)")
    #expect(attempt.outcome == row.outcome, "\(row.label)")
    #expect(attempt.startedAt == Self.now - 20 && attempt.finishedAt == Self.now)
    if case .answered(let response) = row.result {
      #expect(attempt.httpStatus == response.status)
      #expect(attempt.detail == String(decoding: response.body, as: UTF8.self))
    } else {
      #expect(attempt.httpStatus == nil && !attempt.detail.isEmpty, "\(row.label)")
    }
  }

  @Test func keepsTheFirstKilobyteOfAnAnswer() throws {
    var random = SplitMix64(seed: 4)
    let decision = SettlementPolicy.decide(
      try Self.lease(Self.post, .none), .delivery,
      result: Self.answered(400, String(repeating: "x", count: 5_000)),
      channel: try Traits.standard.channel(), startedAt: Self.now, now: Self.now, using: &random)
    #expect(decision.attempt?.detail.utf8.count == 1_024)
  }

  /// A complaint may quote what it complains about.
  @Test(arguments: [
    (send, "sandbox-key-4711"), (send, "sandbox-webhook-secret"), (post, "platform-token"),
  ])
  func keepsNoSecretsOfAnAnswer(work: Work, secret: String) throws {
    var random = SplitMix64(seed: 4)
    for padding in [0, 1_010, 1_020] {
      let decision = SettlementPolicy.decide(
        try Self.lease(work, .none), .delivery,
        result: Self.answered(400, String(repeating: "x", count: padding) + "no \(secret)!"),
        channel: try Traits.standard.channel(), startedAt: Self.now, now: Self.now, using: &random)
      let detail = decision.attempt?.detail ?? ""
      #expect(detail.hasPrefix(String(repeating: "x", count: padding) + "no [redacted]"))
      #expect(!detail.contains(secret.prefix(4)) && decision.reason?.contains(secret) == false)
    }
  }

  /// The law: a part of which it is not known whether the provider took it is never sent again
  /// before patience is over, unless a repeat is dropped or the provider knows nothing of it.
  @Test(arguments: 0..<50 as Range<UInt64>)
  func neverSendsTwiceUnasked(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let traits = [Traits.mute, .muteRepeating, .askable, .askableRepeating][Int(seed % 4)]
    let channel = try traits.channel()
    for _ in 0..<40 {
      let unknownFor = Int64.random(in: 0..<60_000, using: &random)
      let lease = try Self.lease(
        Self.send,
        Past(isTakenOver: Bool.random(using: &random), unknownFor: unknownFor))
      switch SettlementPolicy.action(for: lease, channel: channel, now: Self.now) {
      case .call(_, .delivery), .call(_, .token): Issue.record("sent again after \(unknownFor) ms")
      case .settle(let decision):
        guard case .await(let at) = decision.fate else {
          _ = Issue.record("\(decision.fate) after \(unknownFor) ms")
          return
        }
        #expect(at > Self.now)
      case .call(_, .lookup):
        let result = [Self.answered(500), Self.answered(400), Self.silence, Self.unreached]
          .randomElement(using: &random)!
        let decision = SettlementPolicy.decide(
          lease, .lookup, result: result, channel: channel, startedAt: Self.now, now: Self.now,
          using: &random)
        guard case .await(let at) = decision.fate else {
          _ = Issue.record("\(decision.fate) after \(unknownFor) ms")
          return
        }
        #expect(at > Self.now)
      }
    }
  }
}

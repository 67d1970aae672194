import Glibc
import Logging
import SluiceCore
import SluiceHTTP
import SluiceServices
import SluiceStore
import Synchronization

/// A message of the operator's on its way through the installation's own services.
struct Trial {
  private let context: ServiceContext
  private let ledger: SQLiteLedger
  private let json: JSONFlag

  init(_ settings: Settings, _ json: JSONFlag) throws {
    self.json = json
    let clocks = SystemClocks()
    let segment = try CurrentSegment(
      path: settings.server.sharedMemory, stateDirectory: settings.server.stateDirectory,
      now: clocks.boot)
    ledger = try SQLiteLedger(
      directory: settings.server.stateDirectory, policy: settings.ledgerPolicy)
    let sink = LogSink(path: nil, clocks: clocks)
    context = ServiceContext(
      settings: settings, ledger: ledger, limiter: SharedBuckets(segment), clocks: clocks,
      log: Logger(label: "sluice") { _ in
        LineHandler(program: "sluice", settings: settings.log, sink: sink, clocks: clocks)
      })
  }

  private var wake: WakeSender {
    WakeSender(stateDirectory: context.settings.server.stateDirectory, clocks: context.clocks)
  }

  /// As IS-Messenger would: with its token, and the answer it would get.
  /// - Returns: `nil` where it is refused, and was said to be.
  func send(_ text: String, to contact: String, on channel: ChannelSettings) throws -> MessageID? {
    let clocks = context.clocks
    let service = OutboundService(context: context, wake: wake, handlerCarrier: nil) {
      try? CurlTransport(connections: 4, clocks: clocks)
    }
    let body: JSON = [
      "contactId": .string(contact), "message": ["type": "text", "text": .string(text)],
    ]
    let request = HTTPRequest(
      method: "POST", path: "/\(channel.name)/message", channel: "\(channel.name)",
      headers: [
        "authorization": "Bearer \(channel.token.exposed)", "content-type": "application/json",
      ], body: body.bytes)
    let reply = Self.reply(service.begin(request))
    let (status, answer) = (reply.response.status, Self.text(reply.response.body))
    json.print(
      ["httpStatus": .integer(Int64(status)), "answer": .string(answer)],
      "/message   answers \(status): \(answer)")
    reply.afterwards?()
    return (try? JSONReader.read(reply.response.body))?["mId"]?.string.flatMap(MessageID.init)
  }

  /// As if the contact had written: kept like a webhook's message, and carried like one.
  func receive(
    _ text: String, from contact: String, on channel: ChannelSettings
  ) throws -> MessageID {
    let now = context.clocks.wall
    var random = SystemRandomNumberGenerator()
    let id = MessageID(milliseconds: now, using: &random)
    let message = InboundMessage(
      externalID: "sluice-send-\(id)", contact: try Word.contact(contact, type: channel.idType),
      content: .text(text), timestamp: now)
    let receipt = try ledger.record(
      WebhookRecord(
        channel: channel.name, receivedAt: now, contentType: nil, body: [],
        events: [(.message(message), id)], terms: channel.intake))
    guard !receipt.isRefused else {
      throw failure("The channel's queue is full (max_queued).")
    }
    json.print(["mId": .string("\(id)")], "kept       mId \(id)")
    wake.wake(for: channel.name)
    if context.settings.server.carry == .handlers { try carry(channel.name) }
    return id
  }

  private func carry(_ channel: ChannelName) throws {
    let carrier = Carrier(
      context: context, transport: try CurlTransport(connections: 4, clocks: context.clocks))
    carrier.note(channel)
    try carrier.run(.untilIdle(deadline: context.clocks.boot + 10_000_000_000))
  }

  /// Prints each call and status as it comes; as JSON, the whole trace at the end.
  /// - Returns: Whether it arrived.
  func follow(_ id: MessageID, on channel: ChannelSettings, seconds: Double) throws -> Bool {
    let end = context.clocks.boot + UInt64(max(0, seconds) * 1e9)
    var progress = TrialProgress(secrets: [channel.token])
    while true {
      let trace = try ledger.trace(id)
      let isGood = trace.flatMap(TrialProgress.end)
      let isOver = isGood != nil || context.clocks.boot >= end
      if let trace { try tell(trace, on: channel, &progress, isOver: isOver) }
      if let isGood { return isGood }
      guard !isOver else { break }
      StopSignal.wait(seconds: 0.2)
    }
    StandardError.print("Nothing more within \(Int(seconds)) s. It goes on: sluice trace \(id)")
    return false
  }

  private func tell(
    _ trace: MessageTrace, on channel: ChannelSettings, _ progress: inout TrialProgress,
    isOver: Bool
  ) throws {
    guard json.isWanted else {
      for line in progress.news(of: trace) { print(line.oneLine()) }
      return
    }
    guard isOver else { return }
    let state = ChannelState(
      of: channel.name, hasFallback: channel.fallback != nil,
      SharedStatus(context.settings.server, clocks: context.clocks),
      pauses: try ledger.pauses())
    print(trace.json(TraceStory(trace, state, now: context.clocks.wall)).text)
  }

  private static func reply(_ progress: SluiceCore.Progress) -> Reply {
    switch progress {
    case .answered(let reply): return reply
    case .blocking(let next): return reply(next())
    case .pending(let start):
      let isDone = CountingSemaphore()
      let next = Next()
      start { progress in
        next.progress.withLock { $0 = progress }
        isDone.signal()
      }
      isDone.wait()
      return next.progress.withLock { $0 }.map(reply) ?? Reply(.error(500, "No answer."))
    }
  }

  private final class Next: Sendable { let progress = Mutex<SluiceCore.Progress?>(nil) }

  static func text(_ body: [UInt8]) -> String {
    String(decoding: body.prefix(1_000), as: UTF8.self).oneLine()
  }
}

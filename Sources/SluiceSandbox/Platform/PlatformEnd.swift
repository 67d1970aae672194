import SluiceCore
import Synchronization

/// The platform's end of every channel: takes what Sluice posts, and judges it.
struct PlatformEnd: Sendable {
  let context: SandboxContext
  private let rules: [PlatformRules]
  private let tokens: [Proof]

  init(_ context: SandboxContext) {
    self.context = context
    let configuration = context.configuration
    rules = configuration.channels.map {
      PlatformRules(channelID: $0.channelID, idType: $0.idType)
    }
    tokens = configuration.channels.map { Proof(of: $0.token) }
  }

  /// Answers a request to the channel's webhook URL. All that does not need the lock is done before
  /// it is taken.
  func respond(to request: HTTPRequest, channel: Int) -> HTTPResponse {
    let boot = context.clocks.boot
    let ticket = context.holds.ticket
    var reading: PlatformReading
    var refusal: Int?
    if request.method != "POST" {
      refusal = 405
      reading = PlatformReading(violations: [
        Violation(.method, "Send POST, not \(request.method.escaped).")
      ])
    } else if !tokens[channel].isProven(by: Proof.bearerToken(in: request)) {
      refusal = 401
      reading = PlatformReading(violations: [
        Violation(.token, "The API token is wrong or missing.")
      ])
    } else {
      reading = rules[channel].read(request, now: context.clocks.wall)
    }
    let (response, delay) = context.state.withLock { state in
      let fault = state.faults.decide(
        .platform, channel: name(channel), contact: reading.contact
      ) { .random(in: 0..<1) }
      let response = take(
        &reading, refusal: refusal, channel: channel, boot: boot, fault: fault, in: &state)
      return (response, fault.delayMilliseconds)
    }
    context.holds.wait(milliseconds: delay, ticket: ticket)
    return response
  }

  /// Order matters: whoever is not authenticated learns nothing of limits, and what is over the limit
  /// is not worked on, but what is wrong with it is remembered all the same.
  private func take(
    _ reading: inout PlatformReading, refusal: Int?, channel: Int, boot: UInt64,
    fault: FaultDecision, in state: inout SandboxState
  ) -> HTTPResponse {
    state.requests &+= 1
    var response = fault.response {
      HTTPResponse.error($0, "The sandbox was asked to fail.")
    }
    var isTaken = fault.isTaken
    if let refusal {
      response = .error(refusal, reading.violations[0].sentence)
      isTaken = false
    } else if !state.channels[channel].window.admits(boot) {
      response = .error(
        429, "More than \(context.configuration.limitPerSecond) requests in a second.",
        headers: [("retry-after", "1")])
      isTaken = false
      context.note(
        .platformRefused, channel: channel, contact: reading.contact, "429: too fast", in: &state)
    } else if let violation = tooMany(reading, channel: channel, in: state) {
      reading.violations.append(violation)
      response = .error(422, violation.sentence)
      isTaken = false
    } else {
      reading.violations += statusViolations(
        reading.events, channel: channel, boot: boot,
        isTaken: isTaken && reading.violations.isEmpty,
        in: &state)
      if let violation = reading.violations.first {
        response = response ?? .error(400, violation.sentence)
        isTaken = false
      }
    }
    remember(reading.violations, channel: channel, contact: reading.contact, boot: boot, in: &state)
    let answer = response ?? HTTPResponse(status: 200, json: ["success": true])
    log(reading, channel: channel, boot: boot, answer: answer, isTaken: isTaken, in: &state)
    return answer
  }

  /// Whether the platform takes that many events in one call (see ``ChannelOptions``).
  private func tooMany(
    _ reading: PlatformReading, channel: Int, in state: SandboxState
  ) -> Violation? {
    let limit = state.channels[channel].options.maximumEvents
    guard reading.count > limit else { return nil }
    return Violation(.events, "events has \(reading.count) elements; send at most \(limit).")
  }

  private func remember(
    _ violations: [Violation], channel: Int, contact: String, boot: UInt64,
    in state: inout SandboxState
  ) {
    for violation in violations.prefix(20) {
      state.violations.append(
        RecordedViolation(
          wall: context.clocks.wall, boot: boot, channel: name(channel), violation: violation))
      context.note(
        .platformRefused, channel: channel, contact: contact,
        "\(violation.rule.rawValue): \(violation.sentence)", in: &state)
    }
  }

  /// Judges the statuses among the events, and takes those that are right.
  private func statusViolations(
    _ events: [PlatformEvent], channel: Int, boot: UInt64, isTaken: Bool,
    in state: inout SandboxState
  ) -> [Violation] {
    var violations: [Violation] = []
    for event in events {
      guard case .status(let status, let reason) = event.content else { continue }
      // Not the channel's whole state: a copy of it would make the next change copy its tables.
      let current = state.channels[channel].outbound[event.mID]?.status
      let isAnswerAwaited = state.channels[channel].awaited > 0
      if current == nil, state.channels[channel].takesAnyStatus {
        guard isTaken else { continue }
        state.channels[channel].outbound.set(event.mID, OutboundRecord(status: status, item: nil))
        continue
      }
      let decision = StatusRules.decide(
        status, mID: event.mID, current: current, isAnswerAwaited: isAnswerAwaited)
      switch decision {
      case .repeated: break
      case .violation(let violation): violations.append(violation)
      case .early:
        guard isTaken, state.channels[channel].early.count < 10_000 else { continue }
        state.channels[channel].early.append(
          EarlyStatus(mID: event.mID, status: status, reason: reason, boot: boot))
      case .advance:
        guard isTaken else { continue }
        state.advance(
          event.mID, to: status, reason: reason, channel: channel, wall: context.clocks.wall)
      }
    }
    return violations
  }

  /// Puts the request into the log, and what was taken of it onto the page.
  private func log(
    _ reading: PlatformReading, channel: Int, boot: UInt64, answer: HTTPResponse, isTaken: Bool,
    in state: inout SandboxState
  ) {
    func append(
      _ kind: Arrival.Kind, _ event: PlatformEvent?, text: String = "",
      status: DeliveryStatus? = nil, isRepeat: Bool = false
    ) {
      let arrival = Arrival(
        boot: boot, request: state.requests, channel: UInt16(channel),
        answer: answer.recordedStatus, kind: kind, status: status, isTaken: isTaken,
        isRepeat: isRepeat, timestamp: event?.timestamp ?? 0,
        contact: reading.contact.head(bytes: 60), mID: event?.mID ?? "",
        text: text.head(bytes: Arrival.maximumTextBytes))
      state.arrivals.append(arrival)
      state.channels[channel].arrived.add(arrival)
    }
    guard !reading.events.isEmpty else { return append(.unread, nil) }
    for event in reading.events {
      let before = state.channels[channel].taken[event.identity] ?? 0
      if isTaken { state.channels[channel].taken.set(event.identity, before + 1) }
      let isRepeat = isTaken && before > 0
      switch event.content {
      case .status(let status, let reason):
        append(.status, event, text: reason ?? "", status: status, isRepeat: isRepeat)
        guard isTaken else { continue }
        note(.platformStatus, reading.contact, "\(status)", isRepeat)
      case .message(let kind, let text, let url):
        append(.message, event, text: text, isRepeat: isRepeat)
        guard isTaken else { continue }
        note(.platformReceived, reading.contact, text, isRepeat)
        show(kind, text, url, event.mID, .received, isRepeat)
      case .echo(let kind, let text, let url):
        append(.echo, event, text: text, isRepeat: isRepeat)
        guard isTaken else { continue }
        note(.platformReceived, reading.contact, "Echo: \(text)", isRepeat)
        show(kind, text, url, event.mID, .echo, isRepeat)
      }
    }
    func note(_ step: TimelineEntry.Step, _ contact: String, _ text: String, _ isRepeat: Bool) {
      context.note(
        step, channel: channel, contact: contact, isRepeat ? "Repeat: \(text)" : text, in: &state)
    }
    func show(
      _ kind: String, _ text: String, _ url: String?, _ mID: String, _ status: PageItem.Status,
      _ isRepeat: Bool
    ) {
      guard !isRepeat else { return }
      state.page.add(
        .inbox, channel: name(channel), contact: reading.contact, kind: kind, text: text, url: url,
        name: reading.name, status: status, mID: mID, wall: context.clocks.wall)
    }
  }

  private func name(_ channel: Int) -> String {
    context.configuration.channels[channel].name.description
  }
}

extension SandboxState {
  /// Moves a message of the inbox forward.
  mutating func advance(
    _ mID: String, to status: DeliveryStatus, reason: String?, channel: Int, wall: Int64
  ) {
    guard let record = channels[channel].outbound[mID] else { return }
    channels[channel].outbound.set(mID, OutboundRecord(status: status, item: record.item))
    page.update(record.item, wall: wall) { item in
      item.status = PageItem.Status(rawValue: status.description) ?? item.status
      item.reason = status == .failed ? reason : nil
    }
  }
}

import SluiceCore
import Synchronization

/// The inbox: sends messages through Sluice's `/message`, as the platform does.
struct InboxEnd: Sendable {
  let context: SandboxContext

  static let timeoutSeconds = 30.0

  enum Outcome: Equatable {
    case taken(mID: String)
    /// What the agent sees.
    case refused(reason: String)
  }

  /// Sends a message and waits for Sluice's answer.
  /// - Returns: The page's number of the message, and what came of it.
  func send(_ content: MessageContent, to contact: String, channel: Int) -> (Int, Outcome) {
    let settings = context.configuration.channels[channel]
    let summary = PhoneMessage(contact: contact, content: content).summary
    let (item, epoch) = context.state.withLock { state in
      let item = state.page.add(
        .inbox, channel: settings.name.description, contact: contact, kind: summary.kind,
        text: summary.text, url: summary.url, status: .sending, wall: context.clocks.wall)
      context.note(.inboxWrote, channel: channel, contact: contact, summary.text, in: &state)
      state.channels[channel].awaited += 1
      return (item, state.epoch)
    }
    let call = HTTPCall(
      url: context.sluiceURL(channel) + "/message",
      headers: [
        ("authorization", "Bearer \(settings.token.exposed)"),
        ("content-type", "application/json"),
      ],
      body: ([
        "channelId": .string(settings.channelID), "contactId": .string(contact),
        "message": content.json,
      ] as JSON).bytes)
    let started = context.clocks.boot
    let outcome = Self.outcome(of: context.clients.perform(call, timeout: Self.timeoutSeconds))
    let milliseconds = (context.clocks.boot - started) / 1_000_000
    context.state.withLock { state in
      guard state.epoch == epoch else { return }
      record(
        outcome, item: item, contact: contact, channel: channel, milliseconds: milliseconds,
        in: &state)
    }
    return (item, outcome)
  }

  private func record(
    _ outcome: Outcome, item: Int, contact: String, channel: Int, milliseconds: UInt64,
    in state: inout SandboxState
  ) {
    state.channels[channel].awaited -= 1
    switch outcome {
    case .taken(let mID):
      state.channels[channel].outbound.set(mID, OutboundRecord(item: item))
      state.page.update(item, wall: context.clocks.wall) { item in
        item.status = .sent
        item.mID = mID
      }
      context.note(
        .sluiceTook, channel: channel, contact: contact, "in \(milliseconds) ms", in: &state)
      state.catchUp(
        mID, channel: channel, now: context.clocks.boot, wall: context.clocks.wall,
        name: name(channel))
    case .refused(let reason):
      state.page.update(item, wall: context.clocks.wall) { item in
        item.status = .failed
        item.reason = reason
      }
      context.note(.sluiceRefused, channel: channel, contact: contact, reason, in: &state)
    }
    if state.channels[channel].awaited == 0 {
      state.dropEarly(
        channel: channel, now: context.clocks.boot, wall: context.clocks.wall, name: name(channel))
    }
  }

  /// Reads Sluice's answer to `/message` (PROTOCOL, "IS-Messenger to Sluice").
  static func outcome(of result: CallResult) -> Outcome {
    switch result {
    case .notSent(let reason): return .refused(reason: "Sluice cannot be reached: \(reason)")
    case .unanswered(let reason): return .refused(reason: "Sluice did not answer: \(reason)")
    case .answered(let response):
      let body = try? JSONReader.read(response.body)
      guard response.status == 200 else {
        return .refused(
          reason: body?["error"]?["message"]?.string ?? "Sluice answered \(response.status)")
      }
      guard let mID = body?["mId"]?.string, (1...50).contains(mID.utf8.count) else {
        return .refused(reason: "Sluice answered 200 without an mId of 1 to 50 bytes")
      }
      return .taken(mID: mID)
    }
  }

  private func name(_ channel: Int) -> String {
    context.configuration.channels[channel].name.description
  }
}

extension SandboxState {
  /// Applies the statuses that came before the answer with their mId. Those that came long before it
  /// were sent too early (PROTOCOL: no status for an mId that we have not returned yet).
  mutating func catchUp(_ mID: String, channel: Int, now: UInt64, wall: Int64, name: String) {
    let early = channels[channel].early.filter { $0.mID == mID }
    channels[channel].early.removeAll { $0.mID == mID }
    for report in early {
      if now > report.boot + EarlyStatus.grace {
        let ahead = (now - report.boot) / 1_000_000
        violations.append(
          RecordedViolation(
            wall: wall, boot: report.boot, channel: name,
            violation: Violation(
              .earlyStatus,
              "\(report.status) for mId \"\(mID.escaped)\" came \(ahead) ms before the answer of /message."
            )))
      }
      let current = channels[channel].outbound[mID]?.status ?? .queued
      guard current.canBecome(report.status) else { continue }
      advance(mID, to: report.status, reason: report.reason, channel: channel, wall: wall)
    }
  }

  /// With no answer awaited, what is still unmatched was for an mId that was never returned.
  mutating func dropEarly(channel: Int, now: UInt64, wall: Int64, name: String) {
    for report in channels[channel].early {
      violations.append(
        RecordedViolation(
          wall: wall, boot: report.boot, channel: name,
          violation: Violation(
            .unknownStatus,
            "\(report.status) is for mId \"\(report.mID.escaped)\", which /message never returned.")
        ))
    }
    channels[channel].early = []
  }
}

import SluiceCore
import Synchronization

/// The logs as the tests read them. What is asked for is copied out under the lock; summing up and
/// writing it down are done outside.
struct LogInterface: Sendable {
  let context: SandboxContext

  static let defaultLimit = 10_000

  func arrivals(_ query: FormFields) throws(InterfaceError) -> HTTPResponse {
    let selection = try Selection(query, context)
    guard selection.isSummary else {
      let part = context.state.withLock { Part(of: $0.arrivals, selection) }
      return list(part, selection, channel: \.channel) { $0.json(number: $1, channel: $2) }
    }
    let violations = context.state.withLock { $0.violations.entries() }
    return arrivals(selection) { summary, name in
      let broken = violations.count { $0.channel == name }
      return .object((summary.json.members ?? []) + [.init("violations", .integer(Int64(broken)))])
    }
  }

  /// Without texts, and from the beginning, nothing has to be read again: the counts stand ready, and
  /// do not forget what the log has forgotten.
  private func arrivals(
    _ selection: Selection, _ json: (ArrivalSummary, String) -> JSON
  ) -> HTTPResponse {
    guard selection.since == 0, !selection.withTexts else {
      let part = context.state.withLock { Part(of: $0.arrivals, selection) }
      return summary(start: part.start, end: part.end, selection) { channel, name in
        let arrivals = part.entries.lazy.filter { $0.channel == channel }
        return json(ArrivalSummary(arrivals, withTexts: selection.withTexts), name)
      }
    }
    let (start, end, counted) = context.state.withLock { state in
      let channels = context.configuration.channels.indices.filter { selection.has(UInt16($0)) }
      return (
        state.arrivals.start, state.arrivals.end,
        Dictionary(
          uniqueKeysWithValues: channels.map { (UInt16($0), state.channels[$0].arrived.summary) })
      )
    }
    return summary(start: start, end: end, selection) { channel, name in
      counted[channel].map { json($0, name) } ?? .null
    }
  }

  func sends(_ query: FormFields) throws(InterfaceError) -> HTTPResponse {
    let selection = try Selection(query, context)
    let part = context.state.withLock { Part(of: $0.sends, selection) }
    guard selection.isSummary else {
      return list(part, selection, channel: \.channel) { $0.json(number: $1, channel: $2) }
    }
    return summary(start: part.start, end: part.end, selection) { channel, _ in
      SendSummary(
        part.entries.lazy.filter { $0.channel == channel }, withTexts: selection.withTexts
      ).json
    }
  }

  /// What is on the phones, and how often it came there.
  func messages(_ query: FormFields) throws(InterfaceError) -> HTTPResponse {
    let selection = try Selection(query, context)
    let now = context.clocks.boot
    if selection.isSummary {
      let (start, end, counts) = context.state.withLock {
        ($0.phones.entries.start, $0.phones.entries.end, $0.phones.counts)
      }
      return summary(start: start, end: end, selection) { channel, _ in
        (counts[channel] ?? PhoneCounts()).json
      }
    }
    let part = context.state.withLock { Part(of: $0.phones.entries, selection) }
    let (reference, id, contact) = (query["reference"], query["id"], query["contact"])
    let onlyDoubles = query["doubles"] == "1"
    return list(
      part, selection, channel: \.channel,
      where: { entry in
        (reference == nil || entry.message.reference == reference)
          && (id == nil || entry.copies.contains { $0.id == id })
          && (contact == nil || entry.message.to == contact)
          && (!onlyDoubles || entry.copies.count > 1)
      }, json: { $0.json(number: $1, channel: $2, now: now) })
  }

  func lookups(_ query: FormFields) throws(InterfaceError) -> HTTPResponse {
    let selection = try Selection(query, context)
    let part = context.state.withLock { Part(of: $0.lookups, selection) }
    return list(part, selection, channel: \.channel) { $0.json(number: $1, channel: $2) }
  }

  /// The attempts to post callbacks.
  func attempts(_ query: FormFields) throws(InterfaceError) -> HTTPResponse {
    let selection = try Selection(query, context)
    let part = context.state.withLock { Part(of: $0.attempts, selection) }
    return list(part, selection, channel: \.channel) { $0.json(number: $1, channel: $2) }
  }

  func violations(_ query: FormFields) throws(InterfaceError) -> HTTPResponse {
    let selection = try Selection(query, context)
    let part = context.state.withLock { Part(of: $0.violations, selection) }
    let name = selection.channel.map { context.configuration.channels[$0].name.description }
    let entries = part.entries.enumerated().filter { name == nil || $1.channel == name }
      .map { $1.json(number: part.first + $0) }
    return HTTPResponse(
      status: 200, json: ["count": .integer(Int64(part.end)), "violations": .array(entries)])
  }

  private func list<Entry>(
    _ part: Part<Entry>, _ selection: Selection, channel: (Entry) -> UInt16,
    where isAskedFor: (Entry) -> Bool = { _ in true }, json: (Entry, Int, String) -> JSON
  ) -> HTTPResponse {
    let entries = part.entries.enumerated()
      .filter { selection.has(channel($1)) && isAskedFor($1) }
      .map { json($1, part.first + $0, name(channel($1))) }
    return HTTPResponse(
      status: 200,
      json: [
        "start": .integer(Int64(part.start)), "end": .integer(Int64(part.end)),
        "next": .integer(Int64(part.first + part.entries.count)), "entries": .array(entries),
      ])
  }

  private func summary(
    start: Int, end: Int, _ selection: Selection, _ json: (UInt16, String) -> JSON
  ) -> HTTPResponse {
    let channels = context.configuration.channels.indices.map { UInt16($0) }.filter(selection.has)
    return HTTPResponse(
      status: 200,
      json: [
        "start": .integer(Int64(start)), "end": .integer(Int64(end)),
        "channels": .object(channels.map { JSON.Member(name($0), json($0, name($0))) }),
      ])
  }

  private func name(_ channel: UInt16) -> String {
    context.configuration.channels[Int(channel)].name.description
  }
}

/// The entries of a log that are asked for, and where they stand in it.
private struct Part<Entry> {
  let start: Int
  let end: Int
  /// The number of the first entry here.
  let first: Int
  let entries: [Entry]

  init(of log: RingLog<Entry>, _ selection: Selection) {
    start = log.start
    end = log.end
    first = min(max(log.start, selection.since), log.end)
    entries = log.entries(
      since: selection.since, limit: selection.isSummary ? .max : selection.limit)
  }
}

/// Which entries of a log are asked for.
private struct Selection {
  let channel: Int?
  let since: Int
  /// Entries looked at, other channels' included.
  let limit: Int
  let isSummary: Bool
  let withTexts: Bool

  init(_ query: FormFields, _ context: SandboxContext) throws(InterfaceError) {
    channel = query["channel"].flatMap(context.index)
    guard query["channel"] == nil || channel != nil else {
      throw InterfaceError(400, "There is no channel of that name.")
    }
    since = max(0, query["since"].flatMap { Int($0) } ?? 0)
    limit = max(1, query["limit"].flatMap { Int($0) } ?? LogInterface.defaultLimit)
    isSummary = query["summary"] == "1"
    withTexts = query["texts"] != "0"
  }

  func has(_ channel: UInt16) -> Bool { self.channel.map { $0 == channel } ?? true }
}

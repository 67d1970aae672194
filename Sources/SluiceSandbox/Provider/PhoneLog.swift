import SluiceCore

/// A message that reached the phone, each time it did. Repeats are told by Sluice's reference; without
/// one, every arrival is a message of its own.
struct PhoneEntry: Sendable {
  /// One arrival, which has its own ID at the provider.
  struct Copy: Sendable {
    let id: String
    /// Nanoseconds of `CLOCK_BOOTTIME`.
    let boot: UInt64
    /// Unix milliseconds.
    let wall: Int64
    /// What the provider says of it, and from when on.
    var statuses: [Status] = []
  }

  struct Status: Equatable, Sendable {
    /// Nanoseconds of `CLOCK_BOOTTIME`.
    let boot: UInt64
    let status: DeliveryStatus
    var code: String?
    var reason: String?
  }

  let channel: UInt16
  let message: ProviderMessage
  /// At least one.
  var copies: [Copy]

  func json(number: Int, channel name: String, now: UInt64) -> JSON {
    .object(present: [
      ("n", .integer(Int64(number))), ("boot", .integer(Int64(copies[0].boot))),
      ("channel", .string(name)), ("to", .string(message.to)),
      ("reference", message.reference.isEmpty ? nil : .string(message.reference)),
      ("kind", message.kind == "text" ? nil : .string(message.kind)),
      ("text", .string(message.text)), ("url", message.url.map(JSON.string)),
      ("times", .integer(Int64(copies.count))),
      ("ids", .array(copies.map { .string($0.id) })),
      ("status", .string((copies.last?.status(at: now)?.status ?? .sent).description)),
    ])
  }
}

extension PhoneEntry.Copy {
  /// The latest of its statuses that is not in the future; `nil` while there is none.
  func status(at now: UInt64) -> PhoneEntry.Status? {
    var latest: PhoneEntry.Status?
    for status in statuses where status.boot <= now && status.boot >= latest?.boot ?? 0 {
      latest = status
    }
    return latest
  }
}

/// What reached the phones of all channels, found by Sluice's reference and by the provider's ID.
struct PhoneLog: Sendable {
  private struct Key: Hashable, Sendable {
    let channel: UInt16
    let text: String
  }

  private(set) var entries: RingLog<PhoneEntry>
  private(set) var counts: [UInt16: PhoneCounts] = [:]
  private var references: [Key: Int] = [:]
  private var ids: [Key: Int] = [:]

  init(capacity: Int = 200_000) { entries = RingLog(capacity: capacity) }

  /// Adds an arrival: a new message, or one more copy of a known one.
  mutating func arrive(_ message: ProviderMessage, copy: PhoneEntry.Copy, channel: UInt16) {
    let reference = Key(channel: channel, text: message.reference)
    let number: Int
    if !message.reference.isEmpty, let known = references[reference] {
      number = known
      entries[number].copies.append(copy)
    } else {
      number = entries.end
      let old = entries.append(PhoneEntry(channel: channel, message: message, copies: [copy]))
      if let old { forget(old, number: number - entries.capacity) }
      if !message.reference.isEmpty { references[reference] = number }
    }
    ids[Key(channel: channel, text: copy.id)] = number
    counts[channel, default: PhoneCounts()].add(times: entries[number].copies.count)
  }

  func entry(reference: String, channel: UInt16) -> PhoneEntry? {
    references[Key(channel: channel, text: reference)].map { entries[$0] }
  }

  func entry(id: String, channel: UInt16) -> PhoneEntry? {
    ids[Key(channel: channel, text: id)].map { entries[$0] }
  }

  /// Notes what the provider says of the copy with that ID; nothing where there is none.
  mutating func note(_ status: PhoneEntry.Status, id: String, channel: UInt16) {
    guard let number = ids[Key(channel: channel, text: id)],
      let copy = entries[number].copies.firstIndex(where: { $0.id == id })
    else { return }
    entries[number].copies[copy].statuses.append(status)
  }

  private mutating func forget(_ old: PhoneEntry, number: Int) {
    let reference = Key(channel: old.channel, text: old.message.reference)
    if references[reference] == number { references[reference] = nil }
    for copy in old.copies { ids[Key(channel: old.channel, text: copy.id)] = nil }
  }
}

/// One channel's messages by how often they reached the phone.
struct PhoneCounts: Equatable, Sendable {
  private(set) var messages = 0
  private(set) var arrivals = 0
  /// Messages that arrived more than once.
  private(set) var doubled = 0
  /// The most arrivals of one message.
  private(set) var most = 0

  /// - Parameter times: How often this message has arrived by now.
  mutating func add(times: Int) {
    arrivals += 1
    if times == 1 { messages += 1 }
    if times == 2 { doubled += 1 }
    most = max(most, times)
  }

  var json: JSON {
    [
      "messages": .integer(Int64(messages)), "arrivals": .integer(Int64(arrivals)),
      "doubles": .integer(Int64(arrivals - messages)), "doubled": .integer(Int64(doubled)),
      "most": .integer(Int64(most)),
    ]
  }
}

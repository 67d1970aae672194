import SluiceCore

/// What Sluice asks the provider about: one message.
enum LookupQuery: Equatable, Sendable {
  case reference(String)
  case id(String)
}

/// One message as the provider knows it.
struct LookupResult: Equatable, Sendable {
  let id: String
  let reference: String
  let status: DeliveryStatus
  var code: String?
  var reason: String?
}

/// One lookup that reached the provider.
struct Lookup: Sendable {
  /// Nanoseconds of `CLOCK_BOOTTIME`.
  let boot: UInt64
  let channel: UInt16
  /// The HTTP status answered; 0 where the connection was closed instead.
  let answer: UInt16
  let query: LookupQuery
  /// The provider has such a message, whatever it answered.
  let isFound: Bool

  func json(number: Int, channel name: String) -> JSON {
    var (reference, id): (String?, String?)
    switch query {
    case .reference(let text): reference = text
    case .id(let text): id = text
    }
    return .object(present: [
      ("n", .integer(Int64(number))), ("boot", .integer(Int64(boot))), ("channel", .string(name)),
      ("answer", .integer(Int64(answer))), ("reference", reference.map(JSON.string)),
      ("id", id.map(JSON.string)), ("found", .bool(isFound)),
    ])
  }
}

extension PhoneLog {
  /// Answers a lookup. Where a reference arrived more than once, its last copy is meant.
  func find(_ query: LookupQuery, channel: UInt16, now: UInt64) -> LookupResult? {
    let entry: PhoneEntry?
    let copy: PhoneEntry.Copy?
    switch query {
    case .reference(let reference):
      entry = self.entry(reference: reference, channel: channel)
      copy = entry?.copies.last
    case .id(let id):
      entry = self.entry(id: id, channel: channel)
      copy = entry?.copies.first { $0.id == id }
    }
    guard let entry, let copy else { return nil }
    let status = copy.status(at: now)
    return LookupResult(
      id: copy.id, reference: entry.message.reference, status: status?.status ?? .sent,
      code: status?.code, reason: status?.reason)
  }
}

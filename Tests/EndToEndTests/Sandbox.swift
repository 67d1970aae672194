import Foundation
import SluiceCore
import Testing

/// The sandbox's test interface, as the tests use it.
struct Sandbox {
  static let contact = "+60123456789"
  let stack: Stack

  init(_ stack: Stack) { self.stack = stack }

  /// Writes on the phone; returns once the provider's webhook is on its way.
  func phone(_ text: String, channel: String = "demo", contact: String = contact) throws {
    _ = try stack.json(
      "POST", "/sandbox/api/phone",
      ["channel": .string(channel), "contact": .string(contact), "text": .string(text)])
  }

  /// Tells the platform's end of an mId that a test got from `/message` itself.
  func learn(_ mId: String, channel: String) throws {
    _ = try stack.json(
      "POST", "/sandbox/api/mids", ["channel": .string(channel), "mIds": [.string(mId)]])
  }

  /// Lets the platform's end take statuses of any mId.
  func learnAny(channel: String) throws {
    _ = try stack.json(
      "POST", "/sandbox/api/mids", ["channel": .string(channel), "any": true])
  }

  func arrivals(on channel: String) throws -> [JSON] {
    try stack.json("GET", "/sandbox/api/arrivals?channel=\(channel)&limit=200000")["entries"]?.array
      ?? []
  }

  func summary(texts: Bool = false) throws -> JSON {
    try stack.json("GET", "/sandbox/api/arrivals?summary=1&texts=\(texts ? 1 : 0)")
  }

  func sends(on channel: String) throws -> [JSON] {
    try stack.json("GET", "/sandbox/api/sends?channel=\(channel)")["entries"]?.array ?? []
  }

  func violations() throws -> [JSON] {
    try stack.json("GET", "/sandbox/api/violations")["violations"]?.array ?? []
  }

  /// The first arrival at the platform that matches, once it is there.
  func arrival(on channel: String, where matches: (JSON) -> Bool) throws -> JSON? {
    try eventually { try arrivals(on: channel).first(where: matches) }
  }

  func send(on channel: String, where matches: (JSON) -> Bool) throws -> JSON? {
    try eventually { try sends(on: channel).first(where: matches) }
  }

  /// The statuses that the platform took of a message, in their order, once there are `count`.
  func statuses(of mId: String, channel: String, count: Int) throws -> [String] {
    let found = try eventually {
      let statuses = try arrivals(on: channel)
        .filter { $0["mId"]?.string == mId && $0["type"]?.string == "message_status" }
        .compactMap { $0["status"]?.string }
      return statuses.count >= count ? statuses : nil
    }
    return found ?? []
  }

  func fault(_ fault: JSON) throws { _ = try stack.json("POST", "/sandbox/api/faults", fault) }

  func clearFaults() throws {
    _ = stack.call("DELETE", "/sandbox/api/faults", headers: [])
  }
}

extension Sandbox {
  /// Events that the platform's end has taken on a channel, repeats not counted.
  func taken(on channel: String) throws -> Int {
    let summary = try stack.json(
      "GET", "/sandbox/api/arrivals?channel=\(channel)&summary=1&texts=0")
    return Int(summary["channels"]?[channel]?["mIds"]?.integer ?? 0)
  }
}

/// Our name for one part of an outbound message, given to the provider with each send of it:
/// `ULID.NUMBER`, at most 32 of `A-Z 0-9 .`. The same in each repeat, so it is the idempotency key.
package struct PartReference: Hashable, Sendable, CustomStringConvertible {
  package let message: MessageID
  /// From 0.
  package let part: Int

  package init(message: MessageID, part: Int) {
    self.message = message
    self.part = part
  }

  /// Reads what a provider gave back; `nil` for what is none of ours.
  package init?(_ text: String?) {
    guard let text, text.utf8.count <= 32,
      let dot = text.utf8.firstIndex(of: UInt8(ascii: ".")),
      let message = MessageID(String(text[..<dot]))
    else { return nil }
    let digits = text.utf8[text.utf8.index(after: dot)...]
    guard (1...4).contains(digits.count),
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    self.message = message
    part = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  package var description: String { "\(message).\(part)" }
}

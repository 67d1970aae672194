import SluiceTesting

/// Payloads as nobody sends them.
enum Mutation {
  /// A few bytes changed, doubled, dropped or swapped for what parsers stumble over.
  static func of(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    let traps = [
      "\0", "%", "%zz", "\u{1F44D}", "\"", "}", "[[[[", "-1", "1e999", "null", "&=", "\\ud800",
    ]
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...6, using: &random) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &random)
      let end = min(bytes.count, at + Int.random(in: 1...20, using: &random))
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.removeSubrange(at..<end)
      case 2: bytes.insert(contentsOf: bytes[at..<end], at: at)
      default: bytes.replaceSubrange(at..<end, with: traps.randomElement(using: &random)!.utf8)
      }
    }
    return bytes
  }
}

/// The IP addresses that begin with the same bits: `192.168.1.0/24`.
package struct NetworkBlock: Equatable, Sendable {
  private let prefix: [UInt8]
  private let bits: Int

  /// - Parameter prefix: In network order; bytes that do not count may be left out.
  init(_ prefix: [UInt8], _ bits: Int) {
    self.prefix = prefix
    self.bits = bits
  }

  /// `192.168.1.0/24`, or an address alone, which is a block of one.
  /// - Returns: `nil` for anything else.
  package init?(_ text: String) {
    let words = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = NetworkAddress(text: String(words[0])) else { return nil }
    let most = address.bytes.count * 8
    let bits = words.count == 1 ? most : Int(words[1]) ?? -1
    guard (0...most).contains(bits) else { return nil }
    self.init(address.bytes, bits)
  }

  package func holds(_ address: NetworkAddress) -> Bool {
    address.bytes.count == prefix.count && holds(address.bytes)
  }

  /// - Parameter bytes: No fewer than the prefix has, and of the same kind of address.
  func holds(_ bytes: [UInt8]) -> Bool {
    zip(prefix, bytes).enumerated().allSatisfy { place, pair in
      let counted = min(max(bits - place * 8, 0), 8)
      let mask = counted == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF << (8 - counted))
      return (pair.0 ^ pair.1) & mask == 0
    }
  }
}

/// An IP address as a socket connects to it, and whether it is one of the public Internet's.
///
/// Source: IANA's registries of special-purpose addresses (RFC 6890 and its updates),
/// https://www.iana.org/assignments/iana-ipv4-special-registry and …-ipv6-special-registry.
package struct NetworkAddress: Equatable, Sendable, CustomStringConvertible {
  /// 4 or 16, in network order.
  private let bytes: [UInt8]

  /// - Returns: `nil` for anything but 4 or 16 bytes.
  package init?(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    guard self.bytes.count == 4 || self.bytes.count == 16 else { return nil }
  }

  /// Whether anybody may reach it: no loopback, no private or link-local network, no multicast, none
  /// that are set aside for something else. What carries an IPv4 address inside is judged by that.
  package var isPublic: Bool {
    if bytes.count == 4 { return !Self.special4.contains { $0.holds(bytes) } }
    if let inner = embedded { return inner.isPublic }
    return Self.global6.holds(bytes) && !Self.special6.contains { $0.holds(bytes) }
  }

  /// The IPv4 address that packets to this IPv6 address end up at.
  private var embedded: NetworkAddress? {
    if Self.mapped.holds(bytes) || Self.nat64.holds(bytes) { return NetworkAddress(bytes[12...]) }
    if Self.sixToFour.holds(bytes) { return NetworkAddress(bytes[2..<6]) }
    return nil
  }

  package var description: String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2)
      .map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
  }

  private struct Block {
    let prefix: [UInt8]
    let bits: Int

    init(_ prefix: [UInt8], _ bits: Int) {
      self.prefix = prefix
      self.bits = bits
    }

    /// - Parameter bytes: No fewer than the prefix has.
    func holds(_ bytes: [UInt8]) -> Bool {
      zip(prefix, bytes).enumerated().allSatisfy { place, pair in
        let counted = min(max(bits - place * 8, 0), 8)
        let mask = counted == 0 ? 0 : UInt8(truncatingIfNeeded: 0xFF << (8 - counted))
        return (pair.0 ^ pair.1) & mask == 0
      }
    }
  }

  private static let special4 = [
    Block([0], 8),  // This network.
    Block([10], 8), Block([172, 16], 12), Block([192, 168], 16),  // Private.
    Block([100, 64], 10),  // Carriers' shared space.
    Block([127], 8), Block([169, 254], 16),  // Loopback, link-local.
    Block([192, 0, 0], 24), Block([192, 88, 99], 24),  // Protocols, 6to4 relays.
    Block([192, 0, 2], 24), Block([198, 51, 100], 24), Block([203, 0, 113], 24),  // Documentation.
    Block([198, 18], 15),  // Benchmarks.
    Block([224], 4), Block([240], 4),  // Multicast, reserved, broadcast.
  ]

  /// All of IPv6 that is routed at present; loopback, link-local and private lie outside.
  private static let global6 = Block([0x20], 3)
  private static let special6 = [
    Block([0x20, 0x01, 0x00], 23),  // Protocols, Teredo among them.
    Block([0x20, 0x01, 0x0D, 0xB8], 32), Block([0x3F, 0xFF, 0x00], 20),  // Documentation.
  ]
  /// `::ffff:0:0/96`
  private static let mapped = Block([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF], 96)
  /// `64:ff9b::/96`
  private static let nat64 = Block(
    [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8), 96)
  /// `2002::/16`
  private static let sixToFour = Block([0x20, 0x02], 16)
}

import Glibc

/// An IP address as a socket connects to it, and whether it is one of the public Internet's.
///
/// Source: IANA's registries of special-purpose addresses (RFC 6890 and its updates),
/// https://www.iana.org/assignments/iana-ipv4-special-registry and …-ipv6-special-registry.
package struct NetworkAddress: Equatable, Sendable, CustomStringConvertible {
  /// 4 or 16, in network order.
  package let bytes: [UInt8]

  /// - Returns: `nil` for anything but 4 or 16 bytes.
  package init?(_ bytes: some Sequence<UInt8>) {
    self.bytes = Array(bytes)
    guard self.bytes.count == 4 || self.bytes.count == 16 else { return nil }
  }

  /// Reads an address as web servers write it: `203.0.113.7`, `2001:db8::7`. An IPv4 address that is
  /// written as an IPv6 one (`::ffff:203.0.113.7`) is the IPv4 address.
  package init?(text: String) {
    var bytes = [UInt8](repeating: 0, count: 16)
    let isSix = text.utf8.contains(UInt8(ascii: ":"))
    // C would see no more than what stands before a NUL.
    guard !text.utf8.contains(0), inet_pton(isSix ? AF_INET6 : AF_INET, text, &bytes) == 1 else {
      return nil
    }
    self.init(
      isSix && !Self.mapped.holds(bytes) ? bytes : Array(isSix ? bytes[12...] : bytes[..<4]))
  }

  /// Whether it is this host's own.
  package var isLoopback: Bool {
    bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
  }

  /// Whether anybody may reach it: no loopback, no private or link-local network, no multicast, none
  /// that are set aside for something else. What carries an IPv4 address inside is judged by that.
  package var isPublic: Bool {
    if bytes.count == 4 { return !Self.special4.contains { $0.holds(bytes) } }
    if let inner = embedded { return inner.isPublic }
    return Self.global6.holds(bytes) && !Self.special6.contains { $0.holds(bytes) }
  }

  /// The address that packets to this one end up at.
  package var effective: NetworkAddress { bytes.count == 4 ? self : embedded ?? self }

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

  private static let special4 = [
    NetworkBlock([0], 8),  // This network.
    NetworkBlock([10], 8), NetworkBlock([172, 16], 12), NetworkBlock([192, 168], 16),  // Private.
    NetworkBlock([100, 64], 10),  // Carriers' shared space.
    NetworkBlock([127], 8), NetworkBlock([169, 254], 16),  // Loopback, link-local.
    NetworkBlock([192, 0, 0], 24), NetworkBlock([192, 88, 99], 24),  // Protocols, 6to4 relays.
    NetworkBlock([192, 0, 2], 24), NetworkBlock([198, 51, 100], 24),
    NetworkBlock([203, 0, 113], 24),  // Documentation.
    NetworkBlock([198, 18], 15),  // Benchmarks.
    NetworkBlock([224], 4), NetworkBlock([240], 4),  // Multicast, reserved, broadcast.
  ]

  /// All of IPv6 that is routed at present; loopback, link-local and private lie outside.
  private static let global6 = NetworkBlock([0x20], 3)
  private static let special6 = [
    NetworkBlock([0x20, 0x01, 0x00], 23),  // Protocols, Teredo among them.
    NetworkBlock([0x20, 0x01, 0x0D, 0xB8], 32), NetworkBlock([0x3F, 0xFF, 0x00], 20),  // Examples.
  ]
  /// `::ffff:0:0/96`
  private static let mapped = NetworkBlock([UInt8](repeating: 0, count: 10) + [0xFF, 0xFF], 96)
  /// `64:ff9b::/96`
  private static let nat64 = NetworkBlock(
    [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8), 96)
  /// `2002::/16`
  private static let sixToFour = NetworkBlock([0x20, 0x02], 16)
}

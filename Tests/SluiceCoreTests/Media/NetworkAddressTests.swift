import Glibc
import SluiceCore
import SluiceTesting
import Testing

struct NetworkAddressTests {
  /// As the resolver would have it.
  private func address(_ text: String) throws -> NetworkAddress {
    var bytes = [UInt8](repeating: 0, count: 16)
    let isSix = text.contains(":")
    try #require(inet_pton(isSix ? AF_INET6 : AF_INET, text, &bytes) == 1)
    return try #require(NetworkAddress(bytes.prefix(isSix ? 16 : 4)))
  }

  @Test(
    "anybody's",
    arguments: [
      "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
      "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
      "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
      "223.255.255.255", "2606:4700:4700::1111", "2a00::1", "2001:200::1", "2003::1",
      "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1",
    ])
  func isPublic(text: String) throws { #expect(try address(text).isPublic) }

  @Test(
    "somebody's own",
    arguments: [
      "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
      "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "172.16.0.0",
      "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
      "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
      "239.255.255.255", "240.0.0.1", "255.255.255.255",
      "::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fdff::1", "ff02::1",
      "2001:db8::1", "2001::1", "2001:1ff::1", "3fff::1", "4000::1", "100::1", "5f00::1",
      "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::a00:1",
      "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b:1::1.1.1.1", "2002:7f00:1::1",
      "2002:a00:1::1", "2002:c0a8:101::",
    ])
  func isNot(text: String) throws { #expect(!(try address(text).isPublic)) }

  @Test func hasFourOrSixteenBytes() {
    for count in 0...20 {
      let address = NetworkAddress([UInt8](repeating: 8, count: count))
      #expect((address != nil) == [4, 16].contains(count))
    }
  }

  @Test func readsLikeAnAddress() throws {
    #expect(try address("169.254.169.254").description == "169.254.169.254")
    #expect(try address("fe80::1").description == "fe80:0:0:0:0:0:0:1")
  }

  /// The law: an IPv4 address is judged the same in whatever it is wrapped.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func judgesWhatIsInside(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let first: [UInt8] = [
      10, 100, 127, 169, 172, 192, 198, 203, UInt8.random(in: 0...255, using: &random),
    ]
    let inner =
      [first[Int(seed) % first.count]]
      + (0..<3).map { _ in UInt8.random(in: 0...255, using: &random) }
    let plain = try #require(NetworkAddress(inner))
    let wrapped: [[UInt8]] = [
      [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + inner,
      [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8) + inner,
      [0x20, 0x02] + inner + [UInt8](repeating: 0, count: 10),
    ]
    for bytes in wrapped { #expect(NetworkAddress(bytes)?.isPublic == plain.isPublic) }
  }
}

import SluiceCore
import SluiceTesting
import Testing

struct NetworkBlockTests {
  static let rows: [(block: String, address: String, isIn: Bool)] = [
    ("192.168.1.0/24", "192.168.1.255", true), ("192.168.1.0/24", "192.168.2.0", false),
    ("192.168.1.7", "192.168.1.7", true), ("192.168.1.7", "192.168.1.8", false),
    ("10.0.0.0/7", "11.255.255.255", true), ("10.0.0.0/7", "12.0.0.0", false),
    ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
    ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("::/0", "10.0.0.1", false),
    ("10.0.0.0/8", "::ffff:10.0.0.1", true),
  ]

  @Test(arguments: rows)
  func holds(block: String, address: String, isIn: Bool) throws {
    let block = try #require(NetworkBlock(block))
    #expect(block.holds(try #require(NetworkAddress(text: address))) == isIn)
  }

  @Test(arguments: [
    "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0/8", "localhost",
    "10.0.0.0/8/8",
    " 10.0.0.0", "10.0.0.0\0",
  ])
  func isNone(text: String) { #expect(NetworkBlock(text) == nil) }
}

import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceConsole

struct AccessTests {
  static let visitors:
    [(label: String, address: String?, allow: [String], headers: [String: String], isIn: Bool)] = [
      ("this host", "127.0.0.1", [], [:], true),
      ("this host by IPv6", "::1", [], [:], true),
      ("this host, by a socket of both kinds", "::ffff:127.0.0.1", [], [:], true),
      ("somebody else", "192.168.1.7", [], [:], false),
      ("nobody knows who", nil, [], [:], false),
      ("no address", "localhost", [], [:], false),
      ("a network that is listed", "192.168.1.7", ["192.168.1.0/24"], [:], true),
      ("its neighbour", "192.168.2.7", ["192.168.1.0/24"], [:], false),
      ("an address that is listed", "fd00::7", ["fd00::7"], [:], true),
      ("passed on by a proxy", "127.0.0.1", [], ["x-forwarded-for": "203.0.113.9"], false),
      ("passed on, and listed", "127.0.0.1", ["127.0.0.1"], ["forwarded": "for=203.0.113.9"], true),
      ("IPv4 is not in a block of IPv6", "127.0.0.1", ["::/0"], ["x-real-ip": "1.1.1.1"], false),
    ]

  @Test(arguments: visitors)
  func admits(
    label: String, address: String?, allow: [String], headers: [String: String], isIn: Bool
  ) throws {
    let gate = Gate(allowed: try allow.map { try #require(NetworkBlock($0)) })
    let request = HTTPRequest(
      method: "GET", path: "/console", remoteAddress: address, headers: headers)
    #expect(gate.admits(request) == isIn)
  }

  private let now: Int64 = 1_760_000_000_000

  private func seal(_ byte: UInt8 = 1, password: String = "password-1") -> SessionSeal {
    SessionSeal(
      secret: Secret([UInt8](repeating: byte, count: 32)), password: Secret(password.utf8))
  }

  @Test func knowsItsCookiesUntilTheyExpire() {
    let session = Session(isSignedIn: true, expires: now + 1_000)
    let cookie = seal().cookie(for: session)
    #expect(seal().session(in: cookie, now: now) == session)
    #expect(seal().session(in: cookie, now: now + 1_000) == nil)
    #expect(seal(2).session(in: cookie, now: now) == nil, "another installation's")
    #expect(seal(password: "password-2").session(in: cookie, now: now) == nil, "changed since")
  }

  /// The law: no other cookie is one of ours, whatever is changed in it.
  @Test(arguments: 0..<200 as Range<UInt64>)
  func believesNoOtherCookie(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let cookie = seal().cookie(for: Session(isSignedIn: false, expires: now + 1_000))
    var bytes = try #require(Base64URL.bytes(cookie))
    bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(
      in: 1...255, using: &random)
    #expect(seal().session(in: Base64URL.text(bytes), now: now) == nil)
    #expect(seal().session(in: String(cookie.dropLast()), now: now) == nil)
  }

  @Test func knowsBrowsersAgainWithoutLettingThemIn() throws {
    let cookie = seal().familiarity()
    #expect(seal().familiar(cookie) != nil)
    #expect(seal(password: "password-2").familiar(cookie) != nil, "outlives a new password")
    #expect(seal(2).familiar(cookie) == nil, "another installation's")
    #expect(seal().session(in: cookie, now: now) == nil)
    let session = seal().cookie(for: Session(isSignedIn: true, expires: now + 1_000))
    #expect(seal().familiar(session) == nil)
    var bytes = try #require(Base64URL.bytes(cookie))
    bytes[3] ^= 1
    #expect(seal().familiar(Base64URL.text(bytes)) == nil)
  }

  @Test func formsBelongToOneSession() {
    let (mine, yours) = (
      Session(isSignedIn: true, expires: now), Session(isSignedIn: true, expires: now)
    )
    let token = seal().formToken(for: mine)
    #expect(seal().isFormToken(token, of: mine))
    #expect(!seal().isFormToken(token, of: yours))
    #expect(!seal().isFormToken(nil, of: mine) && !seal().isFormToken("", of: mine))
    // The cookie's own code is no token: a page shows the one, and not the other.
    #expect(!seal().isFormToken(String(seal().cookie(for: mine).suffix(43)), of: mine))
  }
}

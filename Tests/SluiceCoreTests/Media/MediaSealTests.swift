import SluiceCore
import SluiceTesting
import Testing

struct MediaSealTests {
  static let now: Int64 = 1_760_000_000_000
  static let seal = MediaSeal(secret: Secret((0..<32).map { UInt8($0) }))

  static func ticket(_ reference: String = "file-1", expires: Int64 = now + 1) -> MediaTicket {
    MediaTicket(
      channel: ChannelAccount("sms")!, reference: reference, kind: .image, fileName: "Kätzchen.jpg",
      mimeType: "image/jpeg", expires: expires)
  }

  @Test func opensItsOwn() throws {
    let bare = MediaTicket(
      channel: ChannelAccount("a")!, reference: "https://api.example/2010/Media/ME1?x=\"é\"",
      kind: .file, expires: Self.now + 1)
    for ticket in [Self.ticket(), bare] {
      let token = try #require(Self.seal.token(for: ticket))
      #expect(try Self.seal.ticket(in: token, now: Self.now) == ticket)
    }
  }

  @Test("a token ends at its moment, not after it")
  func expires() throws {
    let token = try #require(Self.seal.token(for: Self.ticket(expires: Self.now)))
    #expect(throws: MediaTokenError.expired) { try Self.seal.ticket(in: token, now: Self.now) }
    _ = try Self.seal.ticket(in: token, now: Self.now - 1)
  }

  @Test("any bit that is changed, and any end that is cut, makes it none of ours")
  func forged() throws {
    let token = try #require(Self.seal.token(for: Self.ticket()))
    let bytes = try #require(Base64URL.bytes(token))
    for place in bytes.indices {
      for bit in 0..<8 {
        var changed = bytes
        changed[place] ^= 1 << bit
        #expect(throws: MediaTokenError.forged) {
          try Self.seal.ticket(in: Base64URL.text(changed), now: Self.now)
        }
      }
    }
    for count in 0..<token.utf8.count {
      #expect(throws: MediaTokenError.forged) {
        try Self.seal.ticket(in: String(token.prefix(count)), now: Self.now)
      }
    }
    for other in [token + "A", token + "=", " " + token, String(repeating: "A", count: 100_000)] {
      #expect(throws: MediaTokenError.forged) { try Self.seal.ticket(in: other, now: Self.now) }
    }
  }

  @Test func anotherKeyMakesNoneOfOurs() throws {
    let other = MediaSeal(secret: Secret((1..<33).map { UInt8($0) }))
    let token = try #require(other.token(for: Self.ticket()))
    #expect(throws: MediaTokenError.forged) { try Self.seal.ticket(in: token, now: Self.now) }
  }

  @Test("a token shows nothing of the reference, and is another each time")
  func hides() throws {
    let reference = "https://api.example/Media/ME0123456789"
    let tokens = try (0..<2).map { _ in
      try #require(Self.seal.token(for: Self.ticket(reference)))
    }
    #expect(tokens[0] != tokens[1])
    for token in tokens {
      let bytes = try #require(Base64URL.bytes(token))
      #expect(!String(decoding: bytes, as: UTF8.self).contains("example"))
    }
  }

  @Test("what nginx's configuration lets through is what tokens are")
  func fits() throws {
    let shortest = MediaTicket(
      channel: ChannelAccount("a")!, reference: "", kind: .file, expires: Self.now)
    #expect(try #require(Self.seal.token(for: shortest)).utf8.count >= 80)
    #expect(Self.seal.token(for: Self.ticket(String(repeating: "x", count: 1_000))) != nil)
    #expect(Self.seal.token(for: Self.ticket(String(repeating: "x", count: 1_800))) == nil)
  }

  @Test func mediaIsKnownByChannelAndReference() {
    let one = Self.ticket()
    #expect(one.mediaID == Self.ticket(expires: 5).mediaID)
    #expect(one.mediaID != Self.ticket("file-2").mediaID)
    #expect(one.mediaID.utf8.count == 64)
    let elsewhere = MediaTicket(
      channel: ChannelAccount("sms2")!, reference: one.reference, kind: .image, expires: 0)
    #expect(one.mediaID != elsewhere.mediaID)
  }
}

import SluiceCore
import SluiceTesting
import Testing

struct SecretFilterTests {
  private static let filter = SecretFilter([
    Secret("key/4711+x".utf8), Secret("key/4711".utf8), Secret("abc".utf8),
  ])

  static let rows: [(label: String, input: String, expected: String)] = [
    ("nothing", #"{"id":"1"}"#, #"{"id":"1"}"#),
    ("as it is", "bad key key/4711!", "bad key [redacted]!"),
    ("the longer of two", "<key/4711+x>", "<[redacted]>"),
    ("in a URL", "?k=key%2F4711%2Bx&a", "?k=[redacted]&a"),
    ("in JSON", #""key\/4711""#, #""[redacted]""#),
    ("twice", "key/4711key/4711", "[redacted][redacted]"),
    ("too short to be one", "abc", "abc"),
    ("a part", "key/471", "key/471"),
    ("empty", "", ""),
  ]
  @Test(arguments: rows)
  func takesSecretsOut(label: String, input: String, expected: String) {
    #expect(Self.filter.text(Array(input.utf8), atMost: 1_000) == expected)
  }

  /// The law: wherever the text is cut, no secret shows, and nothing else is lost.
  @Test(arguments: 0..<100 as Range<UInt64>)
  func neverShowsAPart(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let one = SecretFilter([Secret("QRSTUVWXYZ".utf8)])
    let filter =
      seed % 2 == 0 ? one : SecretFilter([Secret("other".utf8)]).adding(Secret("QRSTUVWXYZ".utf8))
    let words = (0..<20).map { _ in Bool.random(using: &random) ? "QRSTUVWXYZ" : "ab" }
    let limit = Int.random(in: 0...220, using: &random)
    let text = filter.text(Array(words.joined().utf8), atMost: limit)
    #expect(!text.contains("Q") && !text.contains("Z"))
    let whole = words.map { $0 == "ab" ? $0 : "[redacted]" }.joined()
    #expect(whole.hasPrefix(text))
  }
}

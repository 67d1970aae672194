import SluiceCore
import SluiceTesting
import Testing

struct Base64URLTests {
  @Test("what is written is read again", arguments: 0..<20 as Range<UInt64>)
  func roundTrip(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for count in 0..<40 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      let text = Base64URL.text(bytes)
      #expect(!text.contains("=") && !text.contains("+") && !text.contains("/"))
      #expect(Base64URL.bytes(text) == bytes)
    }
  }

  @Test(
    "one value has one form",
    arguments: [
      "A", "AA=", "AA==", "AB", "A A", "+/+/", "\u{212A}AAA", "AAA\n", "AAAAA",
    ])
  func refuses(text: String) { #expect(Base64URL.bytes(text) == nil) }
}

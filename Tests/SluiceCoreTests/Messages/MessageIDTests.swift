import SluiceCore
import SluiceTesting
import Testing

struct MessageIDTests {
  static let texts: [(label: String, text: String, id: MessageID?)] = [
    ("the smallest", "00000000000000000000000000", MessageID(high: 0, low: 0)),
    ("the largest", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", MessageID(high: .max, low: .max)),
    ("one more than fits", "80000000000000000000000000", nil),
    ("far more than fits", "ZZZZZZZZZZZZZZZZZZZZZZZZZZ", nil),
    ("lower case", "7zzzzzzzzzzzzzzzzzzzzzzzzz", MessageID(high: .max, low: .max)),
    ("the border of the halves", "0000000000000G000000000000", MessageID(high: 1, low: 0)),
    ("one letter short", "0000000000000000000000000", nil),
    ("one letter more", "000000000000000000000000000", nil),
    ("I, L, O and U are left out", "0000000000000000000000000I", nil),
    ("a hyphen", "0000000000000-000000000000", nil),
    ("26 bytes of UTF-8", "000000000000000000000000é", nil),
  ]
  @Test(arguments: texts)
  func parses(label: String, text: String, id: MessageID?) {
    #expect(MessageID(text) == id)
    if let id { #expect(id.description == text.uppercased()) }
  }

  /// The specification's example time.
  @Test func timeIsTheFirstTenLetters() {
    var random = SplitMix64(seed: 7)
    let id = MessageID(milliseconds: 1_469_918_176_385, using: &random)
    #expect(id.description.hasPrefix("01ARYZ6S41"))
    #expect(id.milliseconds == 1_469_918_176_385)
  }

  @Test func textsAndValuesRoundTripAndSortAlike() {
    var random = SplitMix64(seed: 128)
    var previous = MessageID(high: 0, low: 0)
    for _ in 0..<5_000 {
      // Neighbours in time are the interesting ones.
      let id = MessageID(
        milliseconds: Int64.random(in: 0...3, using: &random) << 46, using: &random)
      #expect(MessageID(id.description) == id)
      #expect(id.description.utf8.count == 26)
      #expect((id < previous) == (id.description < previous.description))
      if id.milliseconds != previous.milliseconds {
        #expect((id < previous) == (id.milliseconds < previous.milliseconds))
      }
      previous = id
    }
  }

  @Test func timesBeyond48BitsWrapInsteadOfTrapping() {
    var random = SplitMix64(seed: 1)
    #expect(MessageID(milliseconds: 1 << 48, using: &random).milliseconds == 0)
    #expect(MessageID(milliseconds: -1, using: &random).milliseconds == 1 << 48 - 1)
  }

  @Test func fitsThePlatform() throws {
    var random = SplitMix64(seed: 1)
    #expect(MessageID(milliseconds: 1, using: &random).description.utf8.count <= 50)
  }
}

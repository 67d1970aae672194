import SluiceCore
import SluiceTesting
import Testing

struct MessageSplitterTests {
  static let sms = PartLimits.Unit.smsSegments(maximum: 8)

  static let rows: [(label: String, unit: PartLimits.Unit, text: String, lengths: [Int])] = [
    ("empty", sms, "", [0]),
    ("all of a call in GSM", sms, text("a", 1_224), [1_224]),
    ("one septet more", sms, text("a", 1_225), [1_224, 1]),
    ("all of a call in UCS-2", sms, text("č", 536), [536]),
    ("one unit more", sms, text("č", 537), [536, 1]),
    ("pairs do not straddle segments: 33 to each", sms, text("👍", 265), [264, 1]),
    ("nor do escaped characters: 76 to each", sms, text("€", 609), [608, 1]),
    ("one segment in GSM", .smsSegments(maximum: 1), text("a", 161), [160, 1]),
    ("one segment in UCS-2", .smsSegments(maximum: 1), text("č", 71), [70, 1]),
    ("one segment of pairs", .smsSegments(maximum: 1), text("👍", 36), [35, 1]),
    (
      "alone it needs no header, though it would be two joined", .smsSegments(maximum: 1),
      text("€", 80), [80]
    ),
    (
      "an emoji late in a long text makes only its own part UCS-2", sms,
      text("a", 600) + "👍" + text("a", 534), [600, 535]
    ),
    ("UTF-16", .utf16(maximum: 10), text("a", 25), [10, 10, 5]),
    ("white space stays at the end of a part", .utf16(maximum: 10), "hello big world", [10, 5]),
    ("no word is cut that fits a part", .utf16(maximum: 10), "hello wonderful", [6, 9]),
    (
      "a word that fits none fills the part", .utf16(maximum: 10), "to " + text("a", 20),
      [10, 10, 3]
    ),
    ("a no-break space is no place to cut", .utf16(maximum: 10), "a 12345678\u{A0}9", [2, 10]),
    ("CRLF is one cluster", .utf16(maximum: 10), "123456789\r\n1", [9, 2]),
    ("a cluster is never cut", .utf16(maximum: 10), "1234567890e\u{301}", [10, 1]),
    ("families stay together", .utf16(maximum: 12), "👨‍👩‍👧‍👦👨‍👩‍👧‍👦", [1, 1]),
    ("unless one exceeds a part", .utf16(maximum: 10), "e" + text("\u{301}", 14), [1, 1]),
  ]
  @Test(arguments: rows)
  func splits(label: String, unit: PartLimits.Unit, text: String, lengths: [Int]) {
    let parts = MessageSplitter(unit).split(text)
    #expect(parts.map(\.count) == lengths)
    #expect(Array(parts.joined().utf8) == Array(text.utf8))
  }

  static let units: [PartLimits.Unit] = [
    .smsSegments(maximum: 1), .smsSegments(maximum: 2), .smsSegments(maximum: 8),
    .utf16(maximum: 2), .utf16(maximum: 7), .utf16(maximum: 160), .utf16(maximum: 1_000),
  ]

  /// For any text: the parts joined are the text, each fits, each cut is between clusters (unless
  /// the cluster exceeds a part), and no word is cut that fits a part.
  /// (Of a space whose accents exceed a part, the rest is no space any more: those texts are left
  /// out of the last law.)
  @Test(arguments: units)
  func keepsItsLaws(unit: PartLimits.Unit) {
    var random = SplitMix64(seed: 20_260_101)
    for _ in 0..<400 {
      let text = randomText(&random)
      let parts = MessageSplitter(unit).split(text)
      #expect(Array(parts.joined().utf8) == Array(text.utf8))
      #expect(parts.allSatisfy { fits($0, unit) }, "\(text.debugDescription)")
      #expect(text.isEmpty || !parts.contains(""))

      let clusters = text.indices.map {
        (at: text.utf8.distance(from: text.startIndex, to: $0), $0)
      }
      let clustersFit = text.allSatisfy { fits(String($0), unit) }
      var cut = 0
      for part in parts.dropLast() {
        cut += part.utf8.count
        let (at, index) = clusters.last { $0.at <= cut }!
        if at < cut {
          #expect(!fits(String(text[index]), unit), "a cluster was cut for nothing")
        } else if clustersFit, !mayBreak(text[text.index(before: index)]) {
          // With the white space after it, which stays in the same part.
          let end = text[index...].firstIndex(where: mayBreak).map { text.index(after: $0) }
          let start = text[..<index].lastIndex(where: mayBreak).map { text.index(after: $0) }
          let word = text[(start ?? text.startIndex)..<(end ?? text.endIndex)]
          #expect(!fits(String(word), unit), "\(word.debugDescription) was cut for nothing")
        }
      }
    }
  }

  private func mayBreak(_ character: Character) -> Bool {
    character.isWhitespace && character.unicodeScalars.first != "\u{A0}"
  }

  /// What the specification allows, counted anew and not by the code under test.
  private func fits(_ text: String, _ unit: PartLimits.Unit) -> Bool {
    switch unit {
    case .utf16(let maximum): return text.utf16.count <= maximum
    case .scalars(let maximum): return text.unicodeScalars.count <= maximum
    case .bytes(let maximum): return text.utf8.count <= maximum
    case .both(let one, let other): return fits(text, one) && fits(text, other)
    case .smsSegments(let maximum):
      let septets = GSM7.septets(in: text)
      let sizes = text.unicodeScalars.map { scalar in
        septets == nil ? UTF16.width(scalar) : GSM7.septets(of: scalar)!
      }
      if sizes.reduce(0, +) <= (septets == nil ? 70 : 160) { return true }
      var segments = [0]
      for size in sizes {
        if segments[segments.count - 1] + size > (septets == nil ? 67 : 153) { segments.append(0) }
        segments[segments.count - 1] += size
      }
      return segments.count <= maximum
    }
  }

  private func randomText(_ random: inout SplitMix64) -> String {
    let alphabets = [
      "abc ", "abc€[ \n", "abcčž ", "ab👍👨‍👩‍👧‍👦🇬🇧 ", "e\u{301}\u{302}a \u{A0}", "日本語。", "a\r\n b\t",
    ]
    let alphabet = Array(alphabets.randomElement(using: &random)!.unicodeScalars)
    let rare = Array(alphabets.randomElement(using: &random)!.unicodeScalars)
    var text = ""
    for _ in 0..<Int.random(in: 0...[5, 200, 2_000].randomElement(using: &random)!, using: &random)
    {
      let source = Int.random(in: 0..<50, using: &random) == 0 ? rare : alphabet
      text.unicodeScalars.append(source.randomElement(using: &random)!)
    }
    return text
  }
}

private func text(_ unit: String, _ count: Int) -> String { String(repeating: unit, count: count) }

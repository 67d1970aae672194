import SluiceCore
import Testing

struct GSM7Tests {
  static let rows: [(label: String, text: String, septets: Int?)] = [
    ("empty", "", 0),
    ("plain", "Hello", 5),
    ("line ends", "a\r\nb", 4),
    ("the accents of the alphabet", "èéùìòÇØøÅåÆæßÉÄÖÑÜäöñüà", 23),
    ("Greek capitals", "ΔΦΓΛΩΠΨΣΘΞ", 10),
    ("Latin look-alikes are in it, Greek A is not", "Α", nil),
    ("euro is escaped", "€", 2),
    ("all of the extension table", "\u{0C}^{}\\[~]|€", 20),
    ("currency sign, inverted marks", "¤¡¿§£¥@$_", 9),
    ("a letter outside", "č", nil),
    ("decomposed accents are outside", "e\u{301}", nil),
    ("small cedilla is outside, capital inside", "ç", nil),
    ("back quote", "`", nil),
    ("tab", "\t", nil),
    ("NUL", "\0", nil),
    ("escape itself", "\u{1B}", nil),
    ("emoji", "👍", nil),
  ]
  @Test(arguments: rows)
  func counts(label: String, text: String, septets: Int?) {
    #expect(GSM7.septets(in: text) == septets)
  }

  @Test func theAlphabetHas127CharactersAndTenEscapedOnes() {
    let counts = (0...0xFFFF).compactMap(Unicode.Scalar.init).compactMap(GSM7.septets(of:))
    #expect(counts.filter { $0 == 1 }.count == 127)
    #expect(counts.filter { $0 == 2 }.count == 10)
  }
}

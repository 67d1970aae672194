import SluiceCore
import Testing

struct FragmentTests {
  static let numbers: [(label: String, number: Int?, total: Int?, isPiece: Bool)] = [
    ("the first", 1, 2, true),
    ("the last", 255, 255, true),
    ("a whole text", 1, 1, false),
    ("the zeroth", 0, 2, false),
    ("behind the last", 3, 2, false),
    ("more than a byte", 1, 256, false),
    ("no number", nil, 2, false),
    ("no total", 1, nil, false),
  ]
  @Test(arguments: numbers)
  func checks(label: String, number: Int?, total: Int?, isPiece: Bool) {
    #expect((Fragment(reference: "7", number: number, total: total) != nil) == isPiece)
    #expect(Fragment(reference: "", number: number, total: total) == nil)
  }

  static let texts: [(label: String, pieces: [Int], total: Int, text: String)] = [
    ("all", [1, 2, 3], 3, "abc"),
    ("the first is missing", [2, 3], 3, "[part 1 of 3 is missing]bc"),
    ("one in the middle", [1, 3], 3, "a[part 2 of 3 is missing]c"),
    ("the last", [1, 2], 3, "ab[part 3 of 3 is missing]"),
    ("several", [3], 5, "[parts 1 to 2 of 5 are missing]c[parts 4 to 5 of 5 are missing]"),
  ]
  @Test(arguments: texts)
  func joins(label: String, pieces: [Int], total: Int, text: String) {
    let letters = ["", "a", "b", "c"]
    #expect(Fragment.joined(pieces.map { ($0, letters[$0]) }, of: total) == text)
  }

  @Test("where nothing is joined, a piece says which it is, and keeps all else")
  func unjoined() throws {
    let contact = try ContactID("+60100000001")
    let piece = InboundMessage(
      externalID: "m1", contact: contact, content: .text("b"), timestamp: 5,
      profile: ContactProfile(firstName: "Zoë"),
      fragment: Fragment(reference: "7", number: 2, total: 3))
    let whole = InboundMessage(
      externalID: "m1", contact: contact, content: .text("(2/3) b"), timestamp: 5,
      profile: ContactProfile(firstName: "Zoë"))
    #expect(WebhookEvent.message(piece).unjoined == .message(whole))
    #expect(WebhookEvent.message(whole).unjoined == .message(whole))
  }
}

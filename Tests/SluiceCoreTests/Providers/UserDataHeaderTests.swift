import Testing

@testable import SluiceCore

/// 3GPP TS 23.040, 9.2.3.24.
struct UserDataHeaderTests {
  static let rows: [(label: String, header: String, fragment: Fragment?)] = [
    ("8-bit reference", "0500030c0302", Fragment(reference: "0c", number: 2, total: 3)),
    ("16-bit reference", "060804abcd0201", Fragment(reference: "abcd", number: 1, total: 2)),
    ("without its length", "00030c0302", Fragment(reference: "0c", number: 2, total: 3)),
    ("behind ports", "0b05040b8423f000030c0302", Fragment(reference: "0c", number: 2, total: 3)),
    ("ports alone", "0605040b8423f0", nil),
    ("one of one", "0500030c0101", nil),
    ("number zero", "0500030c0200", nil),
    ("of another length", "0400020c02", nil),
    ("cut off", "0500030c03", nil),
    ("empty", "", nil),
  ]
  @Test(arguments: rows)
  func reads(label: String, header: String, fragment: Fragment?) throws {
    #expect(UserDataHeader.fragment(try #require(Hex.bytes(header))) == fragment)
  }
}

import SluiceCore
import Testing

struct ContactIDTests {
  static let rows: [(label: String, input: String, expected: Result<String, ContactIDError>)] = [
    ("phone number", "+60177872890", .success("+60177872890")),
    ("all of the alphabet", "AZaz09_=+/@", .success("AZaz09_=+/@")),
    ("50 bytes", String(repeating: "a", count: 50), .success(String(repeating: "a", count: 50))),
    ("51 bytes", String(repeating: "a", count: 51), .failure(.badLength(bytes: 51))),
    ("empty", "", .failure(.badLength(bytes: 0))),
    ("length is in bytes", String(repeating: "é", count: 26), .failure(.badLength(bytes: 52))),
    ("space", "a b", .failure(.badScalar(" "))),
    ("hyphen", "a-b", .failure(.badScalar("-"))),
    ("NUL", "a\0", .failure(.badScalar("\0"))),
    ("CRLF", "a\r\n", .failure(.badScalar("\r"))),
    ("a Kelvin sign is no K", "\u{212A}", .failure(.badScalar("\u{212A}"))),
    ("a combining accent", "e\u{301}", .failure(.badScalar("\u{301}"))),
    ("full-width digits", "１", .failure(.badScalar("１"))),
  ]
  @Test(arguments: rows)
  func parses(label: String, input: String, expected: Result<String, ContactIDError>) {
    #expect(Result { () throws(ContactIDError) in try ContactID(input).description } == expected)
  }

  static let phones: [(label: String, input: String, isPhone: Bool)] = [
    ("7 digits", "+1234567", true), ("15 digits", "+123456789012345", true),
    ("6 digits", "+123456", false), ("16 digits", "+1234567890123456", false),
    ("no plus", "60177872890", false), ("a letter", "+6017787289O", false),
    ("two pluses", "++60177872890", false), ("custom", "customer_7", false),
  ]
  @Test(arguments: phones)
  func tellsPhoneNumbers(label: String, input: String, isPhone: Bool) throws {
    #expect(((try? ContactID(input, type: .phoneNumber)) != nil) == isPhone)
    #expect(try ContactID(input, type: .custom).description == input)
  }

  @Test func complaintsSayWhatToWrite() {
    #expect(ContactIDError.badScalar("\0").description.contains(#"\0"#))
    #expect(ContactIDError.notAPhoneNumber("a").description.contains("+60177872890"))
  }

  @Test(
    "an encoded ID is within the alphabet, and comes back",
    arguments: [
      "U4af4980629", "user@example.com", "-100123", "a b:c.d", "é", "=", "x==", "+60123456789",
      "%41",
    ])
  func encodes(text: String) throws {
    let contact = try ContactID(encoding: text)
    #expect(contact.decoded == text)
    #expect(try ContactID(contact.description) == contact)
  }

  @Test("an ID that is too long gets an alias, always the same, which the ledger has to resolve")
  func aliases() throws {
    let text = String(repeating: "user-", count: 40)
    let contact = try ContactID(encoding: text)
    #expect(contact.isAlias && contact.decoded == text && contact.providerID == text)
    #expect(try ContactID(encoding: text).description == contact.description)
    #expect(try ContactID(encoding: text + "x") != contact)
    let stored = try ContactID(contact.description)
    #expect(stored == contact && stored.isAlias && stored.decoded == nil)
    #expect(ContactID(alias: stored.description, of: text).decoded == text)
    #expect(try !ContactID(encoding: "==" + String(repeating: "0", count: 10)).isAlias)
  }

  @Test("no ID is longer than 512 bytes", arguments: [(0, false), (512, true), (513, false)])
  func limits(bytes: Int, isTaken: Bool) {
    let text = String(repeating: "a", count: bytes)
    #expect(((try? ContactID(encoding: text)) != nil) == isTaken)
  }

  @Test(arguments: ["=", "=4", "=zz", "=FF"])
  func decodesOnlyWhatWasEncoded(text: String) throws {
    #expect(try ContactID(text).decoded == nil)
  }
}

import SluiceTesting
import Testing

@testable import SluiceCore

struct MaskedTests {
  static let contacts: [(contact: String, masked: String)] = [
    ("+4917212345789", "+49...789"), ("+1500555", "+1...55"), ("abcd", "a...d"), ("abc", "..."),
  ]

  @Test(arguments: contacts)
  func masksContacts(contact: String, masked: String) throws {
    #expect("\(Masked(try ContactID(contact)))" == masked)
  }

  static let texts: [(label: String, text: String, masked: String)] = [
    ("no number", "HTTP 503, code 20404", "HTTP 503, code 20404"),
    ("a number", "to +4917212345789 failed", "to +491...789 failed"),
    ("the contact itself", "no user Ada_L", "no user A...L"),
    ("twice", "Ada_L,Ada_L", "A...L,A...L"),
    ("empty", "", ""),
  ]

  @Test(arguments: texts)
  func masksInTexts(label: String, text: String, masked: String) throws {
    #expect("\(Masked(text: text, about: try ContactID("Ada_L")))" == masked)
  }

  @Test("whatever the contact, at most half of it shows")
  func neverShowsMostOfIt() throws {
    var random = SplitMix64(seed: 5)
    let letters = Array("ABCxyz0123456789_=+/@")
    for _ in 0..<500 {
      let length = Int.random(in: 1...50, using: &random)
      let text = String((0..<length).map { _ in letters.randomElement(using: &random) ?? "A" })
      let masked = "\(Masked(try ContactID(text)))"
      #expect(masked.count - 3 <= min(6, length / 2), "\(text) \(masked)")
    }
  }
}

import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// Providers that tell what became of a message by the ID that they gave it.
struct MessageLookupTests {
  static let rows:
    [(sample: ProviderSample, id: String, url: String, fixture: String, reason: String)] = [
      (
        Twilio.sample, "SMfedcba9876543210fedcba9876543210",
        "https://api.twilio.com/2010-04-01/Accounts/AC00112233445566778899aabbccddeeff"
          + "/Messages/SMfedcba9876543210fedcba9876543210.json", "message-undelivered",
        "The number is a landline, or its network takes no messages (Twilio code 30006)."
      ),
      (
        Plivo.sample, "db3ce55a-7f1d-11e1-8ea7-1231380bc196",
        "https://api.plivo.com/v1/Account/MAXXXXXXXXXXXXXXXXXX/Message/"
          + "db3ce55a-7f1d-11e1-8ea7-1231380bc196/", "message-undelivered",
        "The phone number is not in use, or cannot be reached for good (Plivo code 70)."
      ),
      (
        Telnyx.sample, "40385f64-5717-4562-b3fc-2c963f66afa6",
        "https://api.telnyx.com/v2/messages/40385f64-5717-4562-b3fc-2c963f66afa6", "message-failed",
        "The number is a landline, or its network takes no messages (Telnyx code 40001)."
      ),
    ]
  @Test(arguments: rows)
  func asksForAMessageItKnowsTheIDOf(
    sample: ProviderSample, id: String, url: String, fixture: String, reason: String
  ) throws {
    func question(_ id: String?) throws -> Lookup {
      Lookup(
        reference: PartReference(message: MessageID(high: 1, low: 2), part: 1), externalID: id,
        contact: try ContactID("+447700900123"), since: 0)
    }
    let provider = sample.provider()
    #expect(provider.call(lookingUp: try question(nil)) == nil)
    #expect(provider.call(lookingUp: try question(id))?.url == url)
    let answer = HTTPResponse(
      status: 200, body: Fixture.bytes("\(sample.name)/\(fixture).json"))
    #expect(
      provider.finding(of: answer, for: try question(id))
        == .found(externalID: id, status: .failed, reason: reason))
    // Another message's answer is taken for nobody's.
    let other = id.replacing("f", with: "0")
    for id in [nil, other] {
      guard case .unclear = provider.finding(of: answer, for: try question(id)) else {
        Issue.record("the answer was taken for \(id ?? "nobody")'s")
        return
      }
    }
  }
}

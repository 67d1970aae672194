import SluiceCore
import Testing

struct AccountTests {
  static let names: [(text: String, channel: String?, account: Account)] = [
    ("sms", "sms", .main), ("sms~fallback", "sms", .fallback), ("fallback", "fallback", .main),
    ("fallback~fallback", "fallback", .fallback),
    ("", nil, .main), ("~fallback", nil, .main), ("sms~", nil, .main), ("sms~main", nil, .main),
    ("sms~fallback~fallback", nil, .main), ("sms/fallback", nil, .main),
    ("SMS~fallback", nil, .main),
  ]

  @Test(arguments: names)
  func readsNames(text: String, channel: String?, account: Account) {
    let name = ChannelAccount(text)
    #expect(name?.channel.description == channel)
    guard let name else { return }
    #expect(name.account == account)
    #expect(name.description == text)
  }

  @Test("two accounts may give the same ID to different messages")
  func qualifies() {
    for id in ["e1", "", "fallback", "a/b"] {
      #expect(Account.main.qualified(id) != Account.fallback.qualified(id))
      for account in [Account.main, .fallback] {
        let split = Account.split(account.qualified(id))
        #expect(split.account == account)
        #expect(split.externalID == id)
      }
    }
  }

  @Test func qualifiesEvents() throws {
    let report = StatusReport(externalID: "e1", status: .failed, reason: "Why.", reference: nil)
    #expect(WebhookEvent.status(report).qualified(by: .main) == .status(report))
    #expect(
      WebhookEvent.status(report).qualified(by: .fallback)
        == .status(
          StatusReport(externalID: "fallback/e1", status: .failed, reason: "Why.", reference: nil)))
  }
}

import SluiceCore
import Testing

/// What a ledger promises of contacts whose ID at the provider is too long for the platform.
@Suite(.onEveryLedger)
struct AliasLedgerTests {
  private let bench: LedgerBench
  private let long = String(repeating: "user-", count: 20)

  init() throws { bench = try LedgerBench() }

  @Test("who writes to the alias reaches the whole ID")
  func resolves() throws {
    let contact = try ContactID(encoding: long)
    try bench.receive("in", from: contact)
    let posted = try #require(try bench.lease(.inbound).first)
    #expect(posted.contact.description == contact.description)
    #expect(posted.contact.description.utf8.count <= 50)

    let written = try ContactID(contact.description)
    let first = try bench.send("one", to: written)
    #expect(first.contact.providerID == long)
    try bench.settle(
      first, .acknowledge(Settlement.Receipt(externalID: "e1", checkAt: bench.start)))
    // What waits in a queue, and what asks about a send.
    try bench.receive("again", from: contact)
    _ = try bench.enqueue(["two"], to: written)
    #expect(try bench.lease(.outbound).map(\.contact.providerID) == [long])
    #expect(try bench.lease(.check).map(\.contact.providerID) == [long])
  }

  @Test("whoever is erased has no alias any more, and no webhook with their ID")
  func erases() throws {
    guard let ledger = bench.ledger as? any InspectableLedger else { return }
    let contact = try ContactID(encoding: long)
    _ = try ledger.record(
      WebhookRecord(
        channel: bench.channel, receivedAt: bench.start, contentType: nil,
        body: Array("strange: \(long)".utf8), events: [], problem: "strange"))
    try bench.receive("in", from: contact)
    let written = try ContactID(contact.description)
    #expect(try ledger.eraseMessages(of: written, on: bench.channel, limit: 10) == 1)
    let erased = try ledger.eraseWebhooks(
      mentioning: written, on: bench.channel, after: 0, limit: 10)
    #expect(erased == WebhookErasure(deleted: 1, next: nil))
    #expect(try bench.send("one", to: written).contact.providerID == nil)
  }

  @Test("an alias that nobody has is nobody's, and is one channel's")
  func unknown() throws {
    let contact = try ContactID(encoding: long)
    try bench.receive("in", from: contact, on: ChannelName("other"))
    let lease = try bench.send("one", to: try ContactID(contact.description))
    #expect(lease.contact.isAlias && lease.contact.providerID == nil)
  }
}

import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

/// The older API, both ways.
struct VonageSMSTests {
  @Test func readsAnSMS() throws {
    #expect(
      try VonageTests.events(Fixture.bytes("vonage/sms-inbound.query"), type: nil).get() == [
        .message(
          InboundMessage(
            externalID: "0A0000000123ABCD1", contact: try ContactID("+447700900001"),
            content: .text("Hello world"), timestamp: 1_577_880_000_000,
            profile: ContactProfile(phone: "+447700900001")))
      ])
  }

  private static let form = "application/x-www-form-urlencoded"

  @Test func saysWhichPartOfALongMessageItIs() throws {
    let events = try VonageTests.events(Fixture.bytes("vonage/sms-inbound.form"), type: Self.form)
      .get()
    guard case .message(let message) = events.first else {
      _ = Issue.record()
      return
    }
    #expect(message.content == .text("a=1&b=2 П"))
    #expect(message.fragment == Fragment(reference: "447700900000 17", number: 2, total: 3))
  }

  @Test func readsAReceipt() throws {
    #expect(
      try VonageTests.events(Fixture.bytes("vonage/sms-receipt.form"), type: Self.form).get() == [
        .status(
          StatusReport(
            externalID: VonageTests.reference, status: .failed,
            reason: "The number is not in service (failed, Vonage error 3).",
            reference: PartReference(VonageTests.reference)))
      ])
  }

  @Test(arguments: [
    ("accepted", DeliveryStatus?.some(.sent)), ("buffered", .sent), ("delivered", .delivered),
    ("expired", .failed), ("rejected", .failed), ("unknown", nil),
  ])
  func readsReceipts(word: String, status: DeliveryStatus?) throws {
    let events = try VonageTests.events(
      Array("msisdn=447700900001&messageId=1&status=\(word)".utf8), type: Self.form
    ).get()
    guard let status else {
      #expect(events.isEmpty)
      return
    }
    guard case .status(let report) = events.first else {
      _ = Issue.record()
      return
    }
    #expect(report.status == status && report.externalID == "1")
  }

  @Test func sendsAnSMS() throws {
    let call = VonageTests.sample("api = \"sms\"").provider().call(
      sending: .text("Grüße ☀"), to: try ContactID("+447700900001"),
      reference: VonageTests.reference,
      now: 0)
    #expect(call.url == "https://rest.nexmo.com/sms/json")
    let fields = try #require(FormFields(call.body))
    #expect(
      fields.pairs.map { "\($0.name)=\($0.value)" } == [
        "from=447700900000", "to=447700900001", "text=Grüße ☀", "type=unicode",
        "client-ref=\(VonageTests.reference)", "status-report-req=1",
        "callback=https://sluice.example.com/sluice/demo/status",
      ])
  }

  static let smsOutcomes: [(label: String, http: Int, statuses: [String], outcome: SendOutcome)] = [
    ("taken", 200, ["0", "0"], .accepted(externalID: nil)),
    (
      "throttled, with milliseconds", 200, ["1"],
      .throttled(
        reason: "Vonage gets too many messages from this account (Vonage status 1).", after: 0.25)
    ),
    (
      "trouble of theirs", 200, ["5"],
      .deferred(reason: "Vonage has trouble of its own (Vonage status 5).", after: nil)
    ),
    (
      "a bad number", 200, ["6"],
      .rejected(reason: "The number is not one that Vonage can send to (Vonage status 6).")
    ),
    (
      "a code nobody documents", 200, ["99"],
      .rejected(
        reason: "Vonage refused the message: Please wait [ 250 ] and retry (Vonage status 99).")
    ),
    (
      "half of it", 200, ["0", "1", "0"],
      .rejected(
        reason: "Only 2 of 3 segments were sent. Vonage gets too many messages from this account"
          + " (Vonage status 1).")
    ),
    ("nothing", 200, [], .unknown(reason: "Vonage's answer to the send cannot be read.")),
    (
      "a status that is none", 200, ["ok"],
      .unknown(reason: "Vonage's answer to the send cannot be read.")
    ),
    (
      "a gateway's error", 502, [],
      .unknown(reason: "Vonage failed while taking the message (HTTP 502).")
    ),
  ]
  @Test(arguments: smsOutcomes)
  func classifiesSMS(label: String, http: Int, statuses: [String], outcome: SendOutcome) {
    let body: JSON = [
      "message-count": .string("\(statuses.count)"),
      "messages": .array(
        statuses.map { ["status": .string($0), "error-text": "Please wait [ 250 ] and retry"] }),
    ]
    #expect(
      VonageTests.sample("api = \"sms\"").provider().outcome(
        of: HTTPResponse(status: http, json: body))
        == outcome)
  }

  @Test(arguments: [
    ("sms-send-accepted", VonageSendTests.Kind.accepted), ("sms-send-throttled", .throttled),
    ("sms-send-credentials", .rejected),
  ])
  func readsAnswersOfTheSMSAPI(fixture: String, kind: VonageSendTests.Kind) {
    let body = Fixture.bytes("vonage/\(fixture).json")
    let outcome = VonageTests.sample("api = \"sms\"").provider().outcome(
      of: HTTPResponse(status: 200, body: body))
    #expect(VonageSendTests.kind(outcome) == kind)
  }
}

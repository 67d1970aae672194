import SluiceCore
import Synchronization

@testable import SluiceSandbox

/// A sandbox with two channels, a clock that stands still until told, and a Sluice that answers what
/// the test says.
final class Bench: Sendable {
  static let now: Int64 = 1_790_000_000_000

  let clocks = BenchClocks()
  let sluice = FakeSluice()
  let service: SandboxService

  init(limit: Int = 20, reports: ReportDelays = ReportDelays()) {
    let sluice = sluice
    service = SandboxService(
      configuration: SandboxConfiguration(
        sluiceBaseURL: "http://sluice.test/sluice",
        channels: [
          SandboxChannel(
            name: ChannelName("sms")!, channelID: "42", token: Secret("platform-token".utf8),
            account: .sandbox(apiKey: Secret("provider-key".utf8)),
            webhookSecret: Secret("webhook-secret".utf8)),
          SandboxChannel(
            name: ChannelName("click")!, channelID: "43", token: Secret("click-token".utf8),
            account: .clickSend(username: "demo", apiKey: Secret("click-key".utf8)),
            webhookSecret: Secret("click secret".utf8)),
        ], limitPerSecond: limit, reports: reports),
      clocks: clocks, makeClient: { sluice })
  }

  func get(_ path: String, _ query: String = "") -> JSON {
    let response = service.respond(
      to: HTTPRequest(method: "GET", path: "/sandbox/api/\(path)", query: query))
    return (try? JSONReader.read(response.body)) ?? .null
  }

  @discardableResult
  func post(_ path: String, _ body: JSON) -> (status: Int, body: JSON) {
    let response = service.respond(
      to: HTTPRequest(
        method: "POST", path: "/sandbox/api/\(path)",
        headers: ["content-type": "application/json"], body: body.bytes))
    return (response.status, (try? JSONReader.read(response.body)) ?? .null)
  }

  /// Posts to the platform as Sluice does.
  @discardableResult
  func platform(_ body: JSON, channel: String = "sms", token: String = "platform-token")
    -> HTTPResponse
  {
    service.respond(
      to: HTTPRequest(
        method: "POST", path: "/sandbox/platform/\(channel)",
        headers: ["content-type": "application/json", "authorization": "Bearer \(token)"],
        body: body.bytes))
  }

  /// Sends through the sandbox provider as Sluice does.
  @discardableResult
  func send(
    _ text: String, to: String = "+15005550123", reference: String = "REF.1",
    path: String = "messages"
  ) -> HTTPResponse {
    service.respond(
      to: HTTPRequest(
        method: "POST", path: "/sandbox/provider/sms/\(path)",
        headers: [
          "content-type": "application/json", "authorization": "Bearer provider-key",
          "idempotency-key": reference,
        ],
        body: (["to": .string(to), "reference": .string(reference), "text": .string(text)] as JSON)
          .bytes))
  }

  /// Sends, and returns the provider's ID of the message.
  func id(_ text: String, to: String = "+15005550123", reference: String = "REF.1") -> String {
    (try? JSONReader.read(send(text, to: to, reference: reference).body))?["id"]?.string ?? ""
  }

  /// Asks the sandbox provider as Sluice does.
  func lookUp(_ path: String, query: String = "", key: String = "provider-key")
    -> (status: Int, body: JSON)
  {
    let response = service.respond(
      to: HTTPRequest(
        method: "GET", path: "/sandbox/provider/sms/\(path)", query: query,
        headers: ["authorization": "Bearer \(key)"]))
    return (response.status, (try? JSONReader.read(response.body)) ?? .null)
  }

  /// The events that the provider has posted to Sluice.
  var events: [JSON] {
    sluice.calls.compactMap { (try? JSONReader.read($0.body))?["events"]?[0] }
  }

  /// Lets time pass, and the callbacks that are due on its way leave one after the other.
  func pass(milliseconds: Int, step: Int = 50) {
    for _ in 0..<(milliseconds / step) {
      clocks.pass(milliseconds: step)
      service.deliverDueCallbacks()
    }
  }

  /// The messages that the page shows at one end.
  func items(_ side: String) -> [JSON] {
    (get("state")["items"]?.array ?? []).filter { $0["side"]?.string == side }
  }
}

final class BenchClocks: Clocks {
  private let milliseconds = Mutex(0)

  var wall: Int64 { Bench.now + Int64(milliseconds.withLock { $0 }) }
  var boot: UInt64 { 5_000_000_000 + UInt64(milliseconds.withLock { $0 }) * 1_000_000 }

  func pass(milliseconds count: Int) { milliseconds.withLock { $0 += count } }
}

/// Remembers the calls, and answers with the next of the answers set, or else an empty 200.
final class FakeSluice: HTTPClient, Sendable {
  private let state = Mutex<(calls: [HTTPCall], answers: [CallResult])>(([], []))

  var calls: [HTTPCall] { state.withLock { $0.calls } }

  func answer(_ results: CallResult...) { state.withLock { $0.answers += results } }

  func perform(_ call: HTTPCall, timeout: Double) -> CallResult {
    state.withLock { state in
      state.calls.append(call)
      return state.answers.isEmpty
        ? .answered(HTTPResponse(status: 200)) : state.answers.removeFirst()
    }
  }
}

/// A request that breaks no rule, to be broken in one place.
func envelope(_ event: JSON, contact: String = "+60177872890") -> JSON {
  ["channelId": "42", "contactId": .string(contact), "events": .array([event])]
}

func textEvent(_ text: String, mID: String = "M1", type: String = "message") -> JSON {
  [
    "type": .string(type), "mId": .string(mID), "timestamp": .integer(Bench.now),
    "message": ["type": "text", "text": .string(text)],
  ]
}

func statusEvent(_ value: String, mID: String = "M1") -> JSON {
  [
    "type": "message_status", "mId": .string(mID), "timestamp": .integer(Bench.now),
    "status": ["value": .string(value)],
  ]
}

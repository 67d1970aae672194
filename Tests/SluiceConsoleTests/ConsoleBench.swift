import Glibc
import Logging
import SluiceCore
import SluiceServices
import SluiceStore
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceConsole

/// A console on a ledger of its own, and a browser that keeps its cookie.
final class ConsoleBench {
  static let password = "password-of-the-console"
  static let channel = ChannelName("sms")!

  let directory = TemporaryDirectory()
  let clocks: ManualClocks
  let ledger: SQLiteLedger
  let service: ConsoleService
  let limiter: SharedBuckets
  let settings: Settings
  /// By their names.
  private var cookies: [String: String] = [:]
  private var random = SplitMix64(seed: 1)

  init(
    _ console: String = "enabled = true\npassword = \"file:secrets/password\"",
    hasFallback: Bool = false
  ) throws {
    var text = SettingsText()
    text.console = console
    clocks = ManualClocks()
    if hasFallback { text.channels[0].provider = Self.fallback }
    settings = try text.load(in: directory)
    mkdir(settings.server.stateDirectory, 0o700)
    ledger = try SQLiteLedger(directory: settings.server.stateDirectory)
    let segment = try CurrentSegment(
      path: settings.server.sharedMemory, stateDirectory: settings.server.stateDirectory,
      now: clocks.boot)
    limiter = SharedBuckets(segment)
    let context = ServiceContext(
      settings: settings, ledger: ledger, limiter: limiter, clocks: clocks,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    service = ConsoleService(
      context: context, ledger: ledger,
      live: SharedStatus(settings.server, clocks: clocks),
      wake: WakeSender(stateDirectory: settings.server.stateDirectory, clocks: clocks))
  }

  /// Another browser at the same console.
  init(sharing other: ConsoleBench) throws {
    (ledger, service, limiter) = (other.ledger, other.service, other.limiter)
    (clocks, settings) = (other.clocks, other.settings)
  }

  // MARK: A browser

  func get(
    _ path: String, query: String = "", address: String? = "127.0.0.1",
    headers: [String: String] = [:]
  ) -> HTTPResponse {
    perform("GET", path, query: query, address: address, headers: headers)
  }

  /// Sends a form with the token of the page before, unless it is given another.
  func post(
    _ path: String, _ fields: [(name: String, value: String)] = [], token: String? = nil,
    headers: [String: String] = [:]
  ) -> HTTPResponse {
    let token = token ?? self.token ?? ""
    return perform(
      "POST", path, headers: headers, body: FormFields.encode([("csrf", token)] + fields))
  }

  func signIn(_ password: String = password, to: String = "") -> HTTPResponse {
    _ = get("sign-in")
    return post("sign-in", [("password", password), ("to", to)])
  }

  /// Of the last page that had a form.
  private(set) var token: String?

  /// Of the session; what was left at the first sign-in stays.
  func forgetSession() { cookies["sluice_console"] = nil }

  private func perform(
    _ method: String, _ path: String, query: String = "", address: String? = "127.0.0.1",
    headers: [String: String], body: [UInt8] = []
  ) -> HTTPResponse {
    var headers = headers
    headers["cookie"] =
      (["other=1"] + cookies.map { "\($0.key)=\($0.value)" }).joined(separator: "; ")
    let request = HTTPRequest(
      method: method, path: "/sluice/console/\(path)", query: query, remoteAddress: address,
      headers: headers, body: body)
    let response = answer(service.begin(request))
    for (name, value) in response.headers where name == "set-cookie" {
      let pair = value.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
      cookies[String(pair[0])] = pair.count == 2 ? String(pair[1]) : nil
    }
    let page = String(decoding: response.body, as: UTF8.self)
    if let range = page.range(of: "name=\"csrf\" value=\"") {
      token = String(page[range.upperBound...].prefix { $0 != "\"" })
    }
    return response
  }

  private func answer(_ progress: Progress) -> HTTPResponse {
    switch progress {
    case .answered(let reply): return reply.response
    case .blocking(let next): return answer(next())
    case .pending:
      Issue.record("the console waits for nobody")
      return HTTPResponse(status: 500)
    }
  }

  // MARK: Messages

  /// An outbound message that the main account refused for a reason of its own.
  func failedOver() throws -> MessageID {
    try settle(
      .failOver(at: clocks.wall), httpStatus: 402, detail: "no credit", to: "+15005550188")
  }

  func inbound(_ text: String, from contact: String = "+15005550123") throws -> MessageID {
    let now = clocks.wall
    let event = WebhookEvent.message(
      InboundMessage(
        externalID: "e-\(text)", contact: try ContactID(contact), content: .text(text),
        timestamp: now))
    let id = MessageID(milliseconds: now, using: &random)
    let record = WebhookRecord(
      channel: Self.channel, receivedAt: now, contentType: "application/json",
      body: Array(#"{"token": "hidden", "text": "as received"}"#.utf8), events: [(event, id)])
    _ = try ledger.record(record)
    return id
  }

  /// An outbound message that the provider refused.
  func deadLetter(to contact: String = "+15005550199") throws -> MessageID {
    try settle(
      .reject(reason: "no such number", reportFailure: false), httpStatus: 400,
      detail: #"{"error": "no such number", "api_key": "hidden"}"#, to: contact)
  }

  private func settle(
    _ fate: Settlement.Fate, httpStatus: Int, detail: String, to contact: String
  ) throws -> MessageID {
    let now = clocks.wall
    let id = MessageID(milliseconds: now, using: &random)
    let message = OutboundMessage(
      id: id, channel: Self.channel, contact: try ContactID(contact), content: .text("hello"),
      parts: [.text("hello")], createdAt: now)
    let terms = LeaseTerms(now: now, until: now + 60_000)
    guard case .queued(let lease?) = try ledger.enqueue(message, leasingFor: terms) else {
      Issue.record("no lease")
      return id
    }
    let attempt = AttemptRecord(
      startedAt: now, finishedAt: now + 40, outcome: .rejected, httpStatus: httpStatus,
      detail: detail)
    let settlement = Settlement(lease: lease, fate: fate, attempt: attempt)
    _ = try ledger.exchange(Exchange(settlements: [settlement], requests: [], terms: terms))
    return id
  }

  /// Lines of a second account.
  private static let fallback = """
    [channels.sms.fallback]
    provider = "sandbox"
    [channels.sms.fallback.sandbox]
    url = "https://sandbox.example/second"
    api_key = "file:secrets/api_key"
    webhook_secret = "file:secrets/webhook_secret"
    """

  func quarantine() throws {
    _ = try ledger.record(
      WebhookRecord(
        channel: Self.channel, receivedAt: clocks.wall, contentType: "application/json",
        body: Array(#"{"surprise": 1, "secret": "hidden"}"#.utf8), events: [],
        problem: "type is missing"))
  }
}

extension HTTPResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}

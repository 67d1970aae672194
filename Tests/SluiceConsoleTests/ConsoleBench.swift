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
  let clocks = ManualClocks()
  let ledger: SQLiteLedger
  let service: ConsoleService
  private var cookie: String?
  private var random = SplitMix64(seed: 1)

  init(_ console: String = "enabled = true\npassword = \"file:secrets/password\"") throws {
    var text = SettingsText()
    text.console = console
    let settings = try text.load(in: directory)
    mkdir(settings.server.stateDirectory, 0o700)
    ledger = try SQLiteLedger(directory: settings.server.stateDirectory)
    let segment = try CurrentSegment(
      path: settings.server.sharedMemory, stateDirectory: settings.server.stateDirectory,
      now: clocks.boot)
    let context = ServiceContext(
      settings: settings, ledger: ledger, limiter: SharedBuckets(segment), clocks: clocks,
      log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    service = ConsoleService(
      context: context, ledger: ledger,
      live: SharedStatus(settings.server, clocks: clocks),
      wake: WakeSender(stateDirectory: settings.server.stateDirectory, clocks: clocks))
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

  func forgetCookie() { cookie = nil }

  private func perform(
    _ method: String, _ path: String, query: String = "", address: String? = "127.0.0.1",
    headers: [String: String], body: [UInt8] = []
  ) -> HTTPResponse {
    var headers = headers
    headers["cookie"] = cookie.map { "other=1; \($0)" }
    let request = HTTPRequest(
      method: method, path: "/sluice/console/\(path)", query: query, remoteAddress: address,
      headers: headers, body: body)
    let response = answer(service.begin(request))
    if let set = response.header("set-cookie") {
      cookie = set.split(separator: ";").first.map(String.init)
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
      startedAt: now, finishedAt: now + 40, outcome: .rejected, httpStatus: 400,
      detail: #"{"error": "no such number", "api_key": "hidden"}"#)
    let settlement = Settlement(
      lease: lease, fate: .reject(reason: "no such number", reportFailure: false),
      attempt: attempt)
    _ = try ledger.exchange(Exchange(settlements: [settlement], requests: [], terms: terms))
    return id
  }

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

import Foundation
import SluiceCore
import SluiceHTTP

/// A real Kannel on loopback, configured as `Documentation.docc/Providers/Kannel.md` says, with Kannel's
/// own fake SMSC in the place of a carrier.
final class KannelGateway {
  static let password = "password-of-the-gateway-3b07"
  /// Has to be escaped both for a URL and for Kannel's templates.
  static let webhookSecret = "webhook+secret/of=kannel%41&c3d9"
  static let number = "12345"

  private static let bearerbox = "/usr/sbin/bearerbox"
  private static let smsbox = "/usr/sbin/smsbox"
  /// Debian's `kannel-extras`.
  private static let fakeSMSC = "/usr/lib/kannel/test/fakesmsc"

  static var isInstalled: Bool {
    [bearerbox, smsbox, fakeSMSC].allSatisfy(FileManager.default.isExecutableFile)
  }

  private let admin: Int
  private let boxes: Int
  private let carrier: Int
  private let sendsms: Int
  private var programs: [Program] = []

  init() throws {
    (admin, boxes) = (try Stack.freePort(), try Stack.freePort())
    (carrier, sendsms) = (try Stack.freePort(), try Stack.freePort())
  }

  deinit {
    // The fake SMSC has no ear for SIGTERM, and nothing here is worth a farewell.
    for program in programs.reversed() { program.kill9() }
  }

  /// The channel's account, for the stack.
  var account: Stack.Account {
    Stack.Account(
      provider: "kannel",
      settings: """
        url = "http://127.0.0.1:\(sendsms)/cgi-bin/sendsms"
        username = "sluice"
        password = "file:secrets/kannel_password"
        webhook_secret = "file:secrets/kannel_secret"
        from = "\(Self.number)"
        max_segments = 10
        """,
      secrets: ["kannel_password": Self.password, "kannel_secret": Self.webhookSecret])
  }

  /// Starts the gateway for a channel of the stack.
  func start(for stack: Stack, channel: String) throws {
    stack.directory.write(
      configuration(inbound: "\(stack.base)/sluice/\(channel)/inbound"), to: "kannel.conf")
    try start(Self.bearerbox, ["-v", "1", "\(stack.path)/kannel.conf"], in: stack)
    try waitForAnswer(of: "http://127.0.0.1:\(admin)/status.txt?password=admin", stack)
    try start(Self.smsbox, ["-v", "1", "\(stack.path)/kannel.conf"], in: stack)
    try waitForAnswer(of: "http://127.0.0.1:\(sendsms)/cgi-bin/sendsms", stack)
  }

  /// Connects the carrier, which brings one text along. - Returns: Where it writes down what it gets.
  func connectCarrier(bringing text: String, from phone: String, in stack: Stack) throws -> String {
    try start(
      Self.fakeSMSC,
      [
        "-H", "127.0.0.1", "-r", "\(carrier)", "-m", "1", "-i", "0.1",
        "\(phone) \(Self.number) text \(text)",
      ], in: stack)
    return programs.last?.log ?? ""
  }

  private func start(_ path: String, _ arguments: [String], in stack: Stack) throws {
    let name = URL(fileURLWithPath: path).lastPathComponent
    programs.append(
      try Program(name, path: path, arguments: arguments, log: "\(stack.path)/log/\(name).log"))
  }

  /// Any answer will do.
  private func waitForAnswer(of url: String, _ stack: Stack) throws {
    let client = try CurlClient(clocks: SystemClocks())
    let isUp = eventually {
      if case .answered = client.perform(HTTPCall(method: "GET", url: url), timeout: 5) {
        true
      } else {
        nil
      }
    }
    guard isUp == true else { throw StackError("Kannel does not come up:\n\(stack.logs())") }
  }

  private func configuration(inbound: String) -> String {
    let secret = FormFields.percent(Self.webhookSecret).replacing("%", with: "%%")
    return """
      group = core
      admin-port = \(admin)
      admin-interface = "127.0.0.1"
      admin-password = admin
      smsbox-port = \(boxes)
      smsbox-interface = "127.0.0.1"
      box-deny-ip = "*.*.*.*"
      box-allow-ip = "127.0.0.1"
      dlr-storage = internal

      group = smsc
      smsc = fake
      smsc-id = carrier-1
      host = 127.0.0.1
      port = \(carrier)
      our-host = "127.0.0.1"
      connect-allow-ip = 127.0.0.1

      group = smsbox
      bearerbox-host = 127.0.0.1
      sendsms-port = \(sendsms)
      sendsms-interface = "127.0.0.1"
      mo-recode = true
      http-request-retry = 100
      http-queue-delay = 1

      group = sendsms-user
      username = sluice
      password = \(Self.password)
      max-messages = 10
      concatenation = true

      group = sms-service
      keyword = default
      catch-all = true
      max-messages = 0
      get-url = "\(inbound)?secret=\(secret)&id=%I&from=%p&to=%P&text=%b&ts=%T&coding=%c&charset=%C"

      """
  }
}

/// A short message as the fake SMSC writes it down: `SENDER RECEIVER udh HEADER data TEXT` for a segment
/// of a longer one, percent-encoded UTF-16BE. Source: `pruiz/kannel: gw/smsc/smsc_fake.c`.
struct CarriedSegment {
  let receiver: String
  let text: [UInt16]

  /// All that are in the log, in their order.
  static func all(in log: String) throws -> [CarriedSegment] {
    try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").compactMap { line in
      guard line.contains("Got message "), let start = line.firstIndex(of: "<") else { return nil }
      let words = line[line.index(after: start)...].dropLast().split(separator: " ")
      guard words.count == 6, words[2] == "udh", words[4] == "data" else { return nil }
      let bytes = FormBytes(words[5].utf8)?.pairs.first?.name ?? []
      return CarriedSegment(
        receiver: String(words[1]),
        text: stride(from: 0, to: bytes.count - 1, by: 2).map {
          UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1])
        })
    }
  }
}

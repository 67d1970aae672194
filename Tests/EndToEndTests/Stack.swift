import Foundation
import Glibc
import SluiceCore
import SluiceHTTP
import SluiceTesting
import Testing

/// A whole Sluice on loopback, in one temporary directory: a real nginx with the configuration that
/// ships, the FastCGI programs, relays, and the sandbox on both far ends.
final class Stack {
  struct Options {
    var channels = ["demo"]
    /// Beside `sluice.toml`, by their paths.
    var files: [String: String] = [:]
    var clickSendChannels: [String] = []
    /// Channels whose provider is real, or a test's own; the sandbox plays their platform.
    var otherChannels: [String: Account] = [:]
    /// Of all channels.
    var idType = "phone"
    var relays = 1
    /// Processes of each of Sluice's FastCGI programs.
    var processes = 1
    var threads = 16
    var keepsConnections = false
    /// Lines of `sluice.toml`, by table.
    var server = ""
    /// Whether `server.public_url` says where nginx is.
    var hasPublicURL = true
    /// With any, sluice-media runs.
    var media: String?
    /// With any, sluice-console runs.
    var console: String?
    var platform = ""
    var relay = ""
    /// Lines of each channel's `[channels.NAME]`.
    var channel = ""
    /// Lines of each sandbox channel's `[channels.NAME.sandbox]`.
    var account = ""
    /// More of them, by channel; PORT becomes nginx's.
    var accounts: [String: String] = [:]
    /// Lines at the head of `sandbox.toml`.
    var sandbox = ""
    var nginxWorkers = 2
    /// Elsewhere than in the stack's own directory.
    var stateDirectory = "state"
    /// Of Sluice's programs; the sandbox and nginx are the world around them.
    var environment: [String: String] = [:]

    /// The channel `demo` gets a second account, at the sandbox's ClickSend under the name `spare`.
    mutating func giveDemoAFallback() {
      clickSendChannels = ["spare"]
      accounts["demo"] = """
        [channels.demo.fallback]
        provider = "clicksend"
        [channels.demo.fallback.clicksend]
        username = "user"
        api_key = "file:secrets/api_key"
        webhook_secret = "file:secrets/webhook_secret"
        base_url = "http://127.0.0.1:PORT/sandbox/clicksend/spare"
        """
    }

    /// The four budgets but the relay's: whatever moves is moved by a handler.
    static let handlersOnly: Options = {
      var options = Options()
      options.relays = 0
      options.server = "carry = \"handlers\""
      return options
    }()
  }

  struct Account {
    let provider: String
    /// Lines of `[channels.NAME.PROVIDER]`; `{base}` is nginx's URL.
    let settings: String
    /// By the name of their file in `secrets/`.
    let secrets: [String: String]
    /// Another than the other channels'.
    var idType: String?
    /// Lines of `[channels.NAME]`.
    var channel = ""
  }

  static let token = "token-of-the-channel-5f2a"
  static let apiKey = "api-key-of-the-account-91c3"
  static let webhookSecret = "webhook-secret-of-the-account-77b0"
  static let consolePassword = "password-of-the-console-3e8d"

  let directory = TemporaryDirectory()
  let options: Options
  let port: Int
  private(set) var programs: [String: Program] = [:]
  private var sockets: [String: FileHandle] = [:]
  private let client: CurlClient
  private let nginx: Program

  var path: String { directory.path }
  var stateDirectory: String {
    options.stateDirectory.hasPrefix("/")
      ? options.stateDirectory : "\(path)/\(options.stateDirectory)"
  }
  var base: String { "http://127.0.0.1:\(port)" }
  var settingsPath: String { "\(path)/sluice.toml" }

  init(_ options: Options = Options()) throws {
    self.options = options
    port = try Self.freePort()
    client = try CurlClient(clocks: SystemClocks())
    for name in ["run", "log", "nginx", "state", "secrets"] {
      try FileManager.default.createDirectory(
        atPath: "\(directory.path)/\(name)", withIntermediateDirectories: true)
    }
    Self.writeFiles(options, in: directory, port: port)
    nginx = try Program(
      "nginx", path: Self.nginxPath,
      arguments: ["-p", directory.path, "-c", "\(directory.path)/nginx.conf", "-g", "daemon off;"],
      log: "\(directory.path)/log/nginx.out")
    try start("sandbox")
    let kinds =
      ["inbound", "outbound", "status"] + (options.media == nil ? [] : ["media"])
      + (options.console == nil ? [] : ["console"])
    for kind in kinds {
      for number in 0..<options.processes { try start(kind, number) }
    }
    for number in 0..<options.relays { try start("relay", number) }
    let isUp = eventually {
      let message = call("GET", "/sluice/none/message", headers: [])
      let sandbox = call("GET", "/sandbox/api/faults", headers: [])
      return message?.status == 405 && sandbox?.status == 200 ? true : nil
    }
    guard isUp == true else { throw StackError("the stack does not come up:\n\(logs())") }
  }

  deinit {
    for program in programs.values { program.stop() }
    nginx.stop()
    unlink(segmentPath)
  }

  // MARK: Programs

  /// Starts a program. All of a kind share one listening socket, handed to them as descriptor 0, as
  /// spawn-fcgi and multiwatch do: it outlives whoever serves it.
  func start(_ kind: String, _ number: Int = 0, environment: [String: String] = [:]) throws {
    let environment =
      kind == "sandbox" ? environment : options.environment.merging(environment) { $1 }
    var arguments = ["--settings", kind == "sandbox" ? "\(path)/sandbox.toml" : settingsPath]
    var socket: FileHandle?
    if kind != "relay" {
      arguments += ["--threads", "\(options.threads)"]
      socket = try sockets[kind] ?? Self.listen(on: "\(path)/run/\(kind).sock")
      sockets[kind] = socket
    }
    programs["\(kind)-\(number)"] = try Program(
      kind, path: Products.path("sluice-\(kind)"), arguments: arguments,
      environment: environment, input: socket, log: "\(path)/log/\(kind)-\(number).log")
  }

  subscript(_ name: String) -> Program { programs[name]! }

  /// Makes nginx read its configuration again: new workers take over, old ones finish.
  func reload() { nginx.send(SIGHUP) }

  /// The processes of nginx's workers.
  func nginxWorkers() -> Set<Int32> {
    let path = "/proc/\(nginx.pid)/task/\(nginx.pid)/children"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return Set(text.split(separator: " ").compactMap { Int32($0) })
  }

  /// The shared segment that the programs use.
  var segmentPath: String { SharedSegment.defaultPath(for: stateDirectory) }

  /// Everything that the programs and nginx have said.
  func logs() -> String {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path + "/log")) ?? []
    return names.sorted().map { "== \($0)\n" + ((try? logFile($0)) ?? "") }.joined()
  }

  /// What one program has said: `relay-0`.
  func logs(of program: String) throws -> String { try logFile("\(program).log") }

  private func logFile(_ name: String) throws -> String {
    try String(contentsOfFile: "\(path)/log/\(name)", encoding: .utf8)
  }

  /// Edits `sluice.toml`; programs started or reloaded later see it.
  func changeSettings(_ old: String, _ new: String) throws {
    let text = try String(contentsOfFile: settingsPath, encoding: .utf8)
    try text.replacingOccurrences(of: old, with: new)
      .write(toFile: settingsPath, atomically: true, encoding: .utf8)
  }

  // MARK: Calls

  /// A call through nginx; `nil` where no answer came.
  func call(
    _ method: String, _ path: String, headers: [(name: String, value: String)], body: [UInt8] = []
  ) -> HTTPResponse? {
    let call = HTTPCall(method: method, url: base + path, headers: headers, body: body)
    guard case .answered(let response) = client.perform(call, timeout: 30) else { return nil }
    return response
  }

  func json(_ method: String, _ path: String, _ body: JSON? = nil) throws -> JSON {
    let response = try #require(
      call(
        method, path, headers: body == nil ? [] : [("content-type", "application/json")],
        body: body?.bytes ?? []), "no answer to \(method) \(path)")
    let text = String(decoding: response.body, as: UTF8.self)
    try #require(response.status == 200, "\(method) \(path): \(response.status) \(text)")
    return try JSONReader.read(response.body, maximumKeys: .max)
  }

  /// The platform's call of `/message`.
  func message(
    _ body: JSON, channel: String = "demo", token: String = Stack.token
  ) -> HTTPResponse? {
    call(
      "POST", "/sluice/\(channel)/message",
      headers: [("authorization", "Bearer \(token)"), ("content-type", "application/json")],
      body: body.bytes)
  }

  static func text(_ text: String, to contact: String = "+60123456789") -> JSON {
    ["contactId": .string(contact), "message": ["type": "text", "text": .string(text)]]
  }

  // MARK: Files

  private static func writeFiles(_ options: Options, in directory: TemporaryDirectory, port: Int) {
    let path = directory.path
    for (name, value) in [
      ("token", token), ("api_key", apiKey), ("webhook_secret", webhookSecret),
      ("password", consolePassword),
    ] { directory.write(value + "\n", to: "secrets/\(name)") }
    var sluice = """
      [server]
      state_dir = "\(options.stateDirectory)"
      \(options.hasPublicURL ? "public_url = \"http://127.0.0.1:\(port)/sluice\"" : "")
      \(options.server)
      [media]
      \(options.media ?? "")
      [console]
      \(options.console ?? "")
      [platform]
      \(options.platform)
      [relay]
      \(options.relay)

      """
    var sandbox = "sluice_url = \"http://127.0.0.1:\(port)/sluice\"\n\(options.sandbox)\n"
    for name in options.channels + options.clickSendChannels + options.otherChannels.keys.sorted() {
      let other = options.otherChannels[name]
      let isClickSend = options.clickSendChannels.contains(name)
      let head = """
        channel_id = "id-\(name)"
        token = "file:secrets/token"
        id_type = "\(other?.idType ?? options.idType)"

        """
      for (name, value) in other?.secrets ?? [:] { directory.write(value, to: "secrets/\(name)") }
      let account =
        other.map { $0.settings.replacing("{base}", with: "http://127.0.0.1:\(port)") + "\n" }
        ?? (isClickSend
          ? """
          username = "user"
          api_key = "file:secrets/api_key"
          webhook_secret = "file:secrets/webhook_secret"
          base_url = "http://127.0.0.1:\(port)/sandbox/clicksend/\(name)"

          """
          : """
          url = "http://127.0.0.1:\(port)/sandbox/provider/\(name)"
          api_key = "file:secrets/api_key"
          webhook_secret = "file:secrets/webhook_secret"
          \(options.account)
          \((options.accounts[name] ?? "").replacing("PORT", with: "\(port)"))

          """)
      let provider = other?.provider ?? (isClickSend ? "clicksend" : "sandbox")
      let channel = """
        \(head)webhook_url = "http://127.0.0.1:\(port)/sandbox/platform/\(name)"
        provider = "\(provider)"
        \(options.channel)
        \(other?.channel ?? "")

        """
      if options.channels.count > 100 {
        // As the settings ask for: one file holds no more than some hundred channels.
        let text = "\(channel)[\(provider)]\n\(account)"
        directory.write(
          text.replacingOccurrences(of: "file:secrets", with: "file:../secrets"),
          to: "channels/\(name).toml")
      } else {
        sluice += "[channels.\(name)]\n\(channel)[channels.\(name).\(provider)]\n\(account)"
      }
      sandbox += """
        [channels.\(name)]
        \(head)provider = "\(isClickSend ? "clicksend" : "sandbox")"
        \(isClickSend ? "username = \"user\"" : "")
        api_key = "file:secrets/api_key"
        webhook_secret = "file:secrets/webhook_secret"

        """
    }
    for (name, text) in options.files { directory.write(text, to: name) }
    directory.write(sluice, to: "sluice.toml")
    directory.write(sandbox, to: "sandbox.toml")
    directory.write(nginxConfiguration(options, path: path, port: port), to: "nginx.conf")
  }

  private static func nginxConfiguration(_ options: Options, path: String, port: Int) -> String {
    let stateDirectory =
      options.stateDirectory.hasPrefix("/")
      ? options.stateDirectory : "\(path)/\(options.stateDirectory)"
    let keepalive = options.keepsConnections ? "keepalive 4;" : ""
    let upstreams = ["outbound", "inbound", "status", "media", "console", "sandbox"].map { kind in
      "upstream sluice_\(kind) { server unix:\(path)/run/\(kind).sock; \(keepalive) }"
    }.joined(separator: "\n  ")
    let temporary = ["client_body", "fastcgi", "proxy", "scgi", "uwsgi"].map { kind in
      "\(kind)_temp_path \(path)/nginx/\(kind);"
    }.joined(separator: "\n  ")
    var source = Products.repository + "/nginx/sluice.conf"
    if options.keepsConnections {
      // As the file itself says how to.
      let text = (try? String(contentsOfFile: source, encoding: .utf8)) ?? ""
      source = "\(path)/sluice.conf"
      let kept = text.replacingOccurrences(
        of: "fastcgi_keep_conn off;", with: "fastcgi_keep_conn on;")
      try? kept.write(toFile: source, atomically: true, encoding: .utf8)
    }
    return """
      \(geteuid() == 0 ? "user root;" : "")
      worker_processes \(options.nginxWorkers);
      pid \(path)/run/nginx.pid;
      error_log \(path)/log/nginx.log warn;
      events { worker_connections 2048; }
      http {
        \(upstreams)
        map "" $sluice_media_files { default \(stateDirectory)/media; }
        \(temporary)
        access_log off;
        keepalive_requests 1000000;
        server {
          listen 127.0.0.1:\(port) backlog=2048;
          include \(source);
          location / {
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param DOCUMENT_URI $document_uri;
            fastcgi_pass sluice_sandbox;
          }
          location = /sandbox-closed { internal; return 444; }
        }
      }
      """
  }

  private static func listen(on path: String) throws -> FileHandle {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0, Glibc.listen(descriptor, 1_024) == 0 else {
      throw StackError("\(path): \(String(cString: strerror(errno)))")
    }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  private static let nginxPath: String = {
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
      .first { FileManager.default.isExecutableFile(atPath: $0) } ?? "/usr/sbin/nginx"
  }()

  /// A port that was free a moment ago.
  static func freePort() throws -> Int {
    let (descriptor, port) = try FakeUpstream.bound()
    close(descriptor)
    return port
  }
}

struct StackError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

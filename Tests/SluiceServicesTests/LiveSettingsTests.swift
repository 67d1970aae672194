import Glibc
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServices

/// Settings that are edited while a program runs by them.
struct LiveSettingsTests {
  private let directory = TemporaryDirectory()
  private let clocks = ManualClocks()

  /// Writes and loads settings that log to a file.
  private func begin(_ text: SettingsText = SettingsText()) throws -> LiveSettings {
    try edit(text)
    return try LiveSettings(program: "test", path: directory.path + "/sluice.toml", clocks: clocks)
  }

  private func edit(_ text: SettingsText) throws {
    var text = text
    text.relay += "\n[log]\nfile = \"log\"\n"
    _ = try text.load(in: directory)
    mkdir(directory.path + "/state", 0o700)
  }

  private func reload() throws { try ReloadMark.renew(in: directory.path + "/state") }

  private func log() throws -> String {
    String(decoding: try File.read(directory.path + "/log", atMost: 65_536), as: UTF8.self)
  }

  @Test("an edit holds from the reload on, and not before")
  func reloads() throws {
    let live = try begin()
    var edited = SettingsText()
    edited.platform = "timeout_seconds = 7"
    try edit(edited)
    #expect(live.current.settings.platform.timeoutSeconds == 15)
    try reload()
    #expect(live.current.settings.platform.timeoutSeconds == 7)
    #expect(live.current.number == 1)
    #expect(try log().contains("msg=\"settings reloaded\""))
  }

  @Test("a mark from before the start is no reload; one made while the settings were read is")
  func startsAfterReloads() throws {
    try edit(SettingsText())
    try reload()
    #expect(try begin().current.number == 1, "made in the future, as far as these clocks know")
    clocks.advance(milliseconds: 100 * 365 * 86_400_000)
    #expect(try begin().current.number == 0)
  }

  @Test("with mistakes the settings before stay, and the log names each")
  func refuses() throws {
    let live = try begin()
    directory.write(
      "[server]\nstate_dir = \"state\"\nthread = 3\ncarry = \"me\"", to: "sluice.toml")
    try reload()
    #expect(live.current.number == 0)
    let text = try log()
    #expect(text.contains("server.thread") && text.contains("server.carry"), "\(text)")
    #expect(text.contains("settings refused; the ones before stay"))
    let before = text.utf8.count
    #expect(live.current.number == 0)
    #expect(try log().utf8.count == before, "said once for each reload")
  }

  @Test("what a running program has built on waits for a restart, and the log says so")
  func keepsWhatCannotChange() throws {
    let live = try begin()
    var edited = SettingsText()
    edited.server = "threads = 3\nreserve_mb = 1\ncounters = false\ncarry = \"handlers\""
    try edit(edited)
    try reload()
    let settings = live.current.settings
    #expect(settings.server.threads == 16 && settings.server.reserveBytes == 32 << 20)
    #expect(settings.server.carry == .handlers && settings.server.countsEvents)
    #expect(
      try log().contains(
        "wait_for_restart=\"server.threads server.reserve_mb server.counters\""))
  }

  @Test(
    "a channel whose file breaks stays as it was; one that is new is refused; one that goes is gone"
  )
  func keepsChannels() throws {
    let live = try begin()
    let text = """
      channel_id = "1"
      token = "file:../secrets/token"
      webhook_url = "https://platform.example/a"
      provider = "sandbox"
      [sandbox]
      url = "https://sandbox.example/a"
      api_key = "file:../secrets/api_key"
      webhook_secret = "file:../secrets/webhook_secret"
      """
    for name in ["a", "b"] { directory.write(text, to: "channels/\(name).toml") }
    let (a, b, c) = (ChannelName("a")!, ChannelName("b")!, ChannelName("c")!)
    #expect(try live.current.settings.channels.channel(a) != nil)
    #expect(try live.current.settings.channels.channel(b) != nil)
    for name in ["a", "c"] { directory.write("channel_id = 5", to: "channels/\(name).toml") }
    directory.write(text.replacing("\"1\"", with: "\"2\""), to: "channels/b.toml")
    for _ in 0..<2 {
      try reload()
      let channels = live.current.settings.channels
      #expect(try channels.channel(a)?.channelID == "1")
      #expect(try channels.channel(b)?.channelID == "2")
      #expect(throws: SettingsError.self) { try channels.channel(c) }
    }
    #expect(try log().contains("channel refused; it stays as it was"))
    unlink(directory.path + "/channels/a.toml")
    #expect(try live.current.settings.channels.channel(a) != nil)
    try reload()
    #expect(try live.current.settings.channels.channel(a) == nil)
  }

  @Test("a request ends with the handler it began with; the next one has another")
  func replacesHandlers() throws {
    let live = try begin()
    let context = BaseContext(
      settings: live.current.settings, clocks: clocks, log: live.current.log, live: live)
    let handler = ReloadingHandler(context) { Echo(text: "\($0.settings.server.carry)") }
    let first = handler.begin(HTTPRequest(method: "GET", path: "/"))
    var edited = SettingsText()
    edited.server = "carry = \"handlers\""
    try edit(edited)
    try reload()
    let second = handler.begin(HTTPRequest(method: "GET", path: "/"))
    #expect(body(of: second) == "handlers")
    #expect(body(of: first) == "relay")
  }

  private func body(of progress: Progress) -> String? {
    guard case .blocking(let next) = progress, case .answered(let reply) = next() else {
      return nil
    }
    return String(decoding: reply.response.body, as: UTF8.self)
  }

  private struct Echo: RequestHandler {
    let text: String

    func begin(_ request: HTTPRequest) -> Progress {
      .blocking { .answered(HTTPResponse(status: 200, body: Array(text.utf8))) }
    }
  }
}

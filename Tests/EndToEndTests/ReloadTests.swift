import Foundation
import SluiceCore
import Testing

extension EndToEnd {
  /// Settings edited under running programs.
  @Suite(.serialized) struct ReloadTests {
    private static func options() -> Stack.Options {
      var options = Stack.Options()
      options.processes = 2
      options.relay = "\n[log]\nlevel = \"notice\""
      return options
    }

    private func reload(_ stack: Stack) throws -> (output: String, status: Int32) {
      let program = try Program(
        "reload", path: Products.path("sluice"),
        arguments: ["reload", "--settings", stack.settingsPath], log: stack.path + "/log/reload")
      let status = program.wait()
      return (try String(contentsOfFile: stack.path + "/log/reload", encoding: .utf8), status)
    }

    private func accepts(_ token: String, _ stack: Stack) -> Set<Int?> {
      // Two processes, of which the kernel chooses: enough that each is most likely asked.
      Set((0..<12).map { stack.message(Stack.text("\($0)"), token: token)?.status })
    }

    @Test("after sluice reload every process goes by the new settings with its next request")
    func reloads() throws {
      let stack = try Stack(Self.options())
      #expect(accepts(Stack.token, stack) == [200])
      stack.directory.write("another-token-of-it", to: "secrets/token")
      try stack.changeSettings("\"notice\"", "\"debug\"")
      #expect(accepts(Stack.token, stack) == [200], "nobody has reloaded yet")
      let (output, status) = try reload(stack)
      #expect(status == 0 && output.contains("ok: 1 channel"), "\(output)")
      #expect(accepts(Stack.token, stack) == [401])
      #expect(accepts("another-token-of-it", stack) == [200])
      #expect(stack.logs().contains("msg=\"message to send\""))
      // The relay too, which nobody asks anything: the sandbox's platform knows the old token only.
      let isSeen = try eventually {
        try stack.logs(of: "relay-0").contains("status=401 to=platform") ? true : nil
      }
      #expect(isSeen == true, "\(stack.logs())")
      #expect(!stack.logs().contains("+60123456789"), "contacts are masked")
    }

    @Test("a broken edit is refused, by sluice reload and by each program, and all goes on")
    func refuses() throws {
      let stack = try Stack(Self.options())
      try stack.changeSettings("[server]", "[server]\nthread = 3")
      let (output, status) = try reload(stack)
      #expect(status == 1 && output.contains("server.thread"), "\(output)")
      #expect(!stack.logs().contains("settings refused"))
      let names = ["inbound-0", "inbound-1", "outbound-0", "status-1", "relay-0"]
      for name in names { stack[name].send(SIGHUP) }
      for name in names {
        let isSaid = try eventually {
          try stack.logs(of: name).contains("settings refused; the ones before stay") ? true : nil
        }
        #expect(isSaid == true, "\(name)")
        #expect(try stack.logs(of: name).contains("server.thread"))
        #expect(stack[name].isRunning)
      }
      #expect(accepts(Stack.token, stack) == [200])
    }
  }
}

import Foundation
import SluiceCore
import Testing

extension EndToEnd {
  /// How the programs start and stop, under FastCGI and CGI, and what ships beside them.
  @Suite(.serialized) struct ProgramTests {
    @Test("a stop ends a program with status 0 despite idle kept connections; its siblings go on")
    func stops() throws {
      var options = Stack.Options()
      options.processes = 2
      options.keepsConnections = true
      let stack = try Stack(options)
      // Leaves kept connections behind at both processes.
      for number in 0..<40 { #expect(stack.message(Stack.text("\(number)"))?.status == 200) }
      let start = Date()
      #expect(stack["outbound-0"].stop() == 0)
      #expect(Date().timeIntervalSince(start) < 10)
      for number in 0..<40 { #expect(stack.message(Stack.text("\(number)"))?.status == 200) }
      #expect(stack["outbound-1"].isRunning)
      #expect(stack["relay-0"].stop() == 0)
    }

    @Test("the request in hand is answered before a program ends")
    func finishesRequests() throws {
      let stack = try Stack()
      let sandbox = Sandbox(stack)
      try sandbox.fault(["target": "provider", "kind": "delay", "milliseconds": 1_500, "count": 1])
      let outcome = Locked<Int?>(nil)
      let base = stack.base
      let call = Calling(base) { outcome.value = $0 }
      #expect(try sandbox.send(on: "demo") { _ in true } != nil)
      #expect(stack["outbound-0"].stop() == 0)
      call.wait()
      #expect(outcome.value == 200)
    }

    @Test("one request under plain CGI")
    func servesCGI() throws {
      var options = Stack.Options()
      options.relays = 0
      let stack = try Stack(options)
      let body = Stack.text("over CGI").text
      for (token, status) in [
        (Stack.token, "Status: 200 OK"), ("wrong", "Status: 401 Unauthorized"),
      ] {
        let output = try cgi(
          "sluice-outbound",
          environment: [
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "PATH_INFO": "/demo/message",
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "\(body.utf8.count)",
            "HTTP_AUTHORIZATION": "Bearer \(token)", "SLUICE_SETTINGS": stack.settingsPath,
            "HTTP_PROXY": "http://127.0.0.1:9",
          ], input: body)
        #expect(output.hasPrefix(status), "\(output)")
      }
      #expect(LedgerProbe(stack).count("message") == 1)
      #expect(try Sandbox(stack).send(on: "demo") { $0["text"]?.string == "over CGI" } != nil)
    }

    @Test("settings with mistakes are refused, all mistakes at once")
    func refusesSettings() throws {
      let stack = try Stack()
      try stack.changeSettings("[server]", "[server]\nthread = 3\nmax_body_bytes = \"big\"")
      let (output, status) = try run("sluice", ["check", "--settings", stack.settingsPath])
      #expect(status == 1)
      #expect(
        output.contains("server.thread") && output.contains("server.max_body_bytes"), "\(output)")
      #expect(try run("sluice-inbound", ["--settings", stack.settingsPath]).status == 78)
      #expect(try run("sluice-inbound", ["--nonsense"]).status == 64)
    }

    @Test("the nginx configurations that ship are accepted by nginx")
    func shippedConfiguration() throws {
      let stack = try Stack()
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/sbin/nginx")
      process.arguments = ["-t", "-q", "-p", stack.path, "-c", stack.path + "/nginx.conf"]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }

    @Test("four relays under systemd's or cron's hands: --once ends when nothing is due")
    func runsOnce() throws {
      var options = Stack.Options()
      options.relays = 0
      let stack = try Stack(options)
      try fill(stack, channels: ["demo"], each: 5)
      let (output, status) = try run(
        "sluice-relay", ["--settings", stack.settingsPath, "--once", "--seconds", "20"])
      #expect(status == 0, "\(output)")
      #expect(try Sandbox(stack).taken(on: "demo") == 5)
      #expect(LedgerProbe(stack).count("entry") == 0)
    }

    // MARK: Steps

    private func run(_ program: String, _ arguments: [String]) throws -> (
      output: String, status: Int32
    ) {
      let process = Process()
      let pipe = Pipe()
      process.executableURL = URL(fileURLWithPath: Products.path(program))
      process.arguments = arguments
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (String(decoding: output, as: UTF8.self), process.terminationStatus)
    }

    private func cgi(
      _ program: String, environment: [String: String], input: String
    ) throws -> String {
      let process = Process()
      let (request, answer) = (Pipe(), Pipe())
      process.executableURL = URL(fileURLWithPath: Products.path(program))
      process.environment = environment
      process.standardInput = request
      process.standardOutput = answer
      try process.run()
      request.fileHandleForWriting.write(Data(input.utf8))
      try request.fileHandleForWriting.close()
      let output = answer.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return String(decoding: output, as: UTF8.self)
    }
  }
}

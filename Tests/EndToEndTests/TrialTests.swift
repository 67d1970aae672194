import Foundation
import SluiceCore
import SluiceTesting
import Testing

extension EndToEnd {
  /// The operator's first steps: `sluice init`, and `sluice send` each way.
  @Suite(.serialized) struct TrialTests {
    private func run(_ arguments: [String], in path: String) throws -> (
      output: String, status: Int32
    ) {
      let log = "\(path)/output-\(UUID().uuidString)"
      let program = try Program(
        "sluice", path: Products.path("sluice"), arguments: arguments, log: log)
      let status = program.wait()
      return (try String(contentsOfFile: log, encoding: .utf8), status)
    }

    @Test("sluice send tries a channel each way, and shows how it ends")
    func sends() throws {
      let stack = try Stack()
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      let options = ["--settings", stack.settingsPath, "--seconds", "20"]
      let out = try run(
        ["send", "demo", "--to", Sandbox.contact, "to a contact"] + options, in: stack.path)
      #expect(out.status == 0, "\(out.output)")
      #expect(out.output.contains("/message   answers 200: {\"mId\""))
      #expect(out.output.contains("delivered"))
      #expect(try sandbox.send(on: "demo") { $0["text"]?.string == "to a contact" } != nil)

      let back = try run(
        ["send", "demo", "--from", Sandbox.contact, "from a contact"] + options, in: stack.path)
      #expect(back.status == 0, "\(back.output)")
      #expect(back.output.contains("answered 200"))
      #expect(try sandbox.arrival(on: "demo") { $0["text"]?.string == "from a contact" } != nil)

      // The sandbox's provider refuses that number.
      let refused = try run(
        ["send", "demo", "--to", "+15005550101", "to nobody"] + options, in: stack.path)
      #expect(refused.status == 1, "\(refused.output)")
      #expect(refused.output.contains("422") || refused.output.contains("failed"))
      let json = try run(
        ["send", "demo", "--to", "+15005550101", "to nobody", "--json"] + options, in: stack.path)
      let objects = try json.output.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
        try JSONReader.read(Array($0.utf8))
      }
      #expect(json.status == 1 && objects.first?["httpStatus"]?.integer != nil, "\(json.output)")
      let wrong = try run(["send", "demo", "--from", "12", "x"] + options, in: stack.path)
      #expect(wrong.status == 64, "\(wrong.output)")
      for output in [out.output, back.output, refused.output] {
        #expect(!output.contains(Stack.token) && !output.contains(Stack.apiKey))
      }
    }

    @Test("sluice init writes what sluice check accepts, and never over a file that is there")
    func begins() throws {
      let directory = TemporaryDirectory()
      directory.write("a-secret-of-32-letters-and-digits", to: "secrets/a")
      let path = directory.path + "/sluice.toml"
      let arguments = [
        "init", "--settings", path, "--state-dir", "state", "--public-url",
        "https://sluice.example.com/sluice", "--channel", "sms-uk", "--provider", "clicksend",
        "--set", "channel_id=7", "--set", "token=file:secrets/a", "--set",
        "webhook_url=https://app.example.com/w", "--set", "clicksend.username=me", "--set",
        "clicksend.api_key=file:secrets/a",
      ]
      let incomplete = try run(arguments, in: directory.path)
      #expect(incomplete.status == 1 && incomplete.output.contains("clicksend.webhook_secret"))
      #expect(access(path, F_OK) != 0)
      let whole = arguments + ["--set", "clicksend.webhook_secret=file:secrets/a"]
      let (output, status) = try run(whole, in: directory.path)
      #expect(status == 0, "\(output)")
      #expect(output.contains("https://sluice.example.com/sluice/sms-uk/inbound"))
      #expect(try run(["check", "--settings", path], in: directory.path).status == 0)
      var file = stat()
      #expect(stat(path, &file) == 0 && file.st_mode & 0o777 == 0o600)
      let again = try run(whole, in: directory.path)
      #expect(again.status == 1 && again.output.contains("is there already"))
    }
  }
}

import Foundation
import SluiceCore
import Testing

extension EndToEnd {
  /// The console behind nginx, as an operator's browser sees it.
  @Suite(.serialized) struct ConsoleTests {
    private static let failed = "+15005550101"

    @Test("an operator signs in, finds why a message failed, and replays it")
    func works() throws {
      let stack = try Self.stackWithHistory()
      let pictures = Products.repository + "/.build/screenshots"
      let output = try Program.output(
        "/usr/bin/env",
        [
          "python3", Products.repository + "/Tests/EndToEndTests/Browser/console.py",
          "chromium", stack.base + "/sluice/console", Stack.consolePassword, Self.failed, pictures,
        ])
      #expect(output == "\n", "\(output)\n\(stack.logs())")
    }

    /// A failure, something that waits, something that nobody understands, and some ordinary talk.
    private static func stackWithHistory() throws -> Stack {
      var options = Stack.Options()
      options.channels = ["demo", "sales"]
      options.giveDemoAFallback()
      options.console = """
        enabled = true
        password = "file:secrets/password"
        """
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try sandbox.learnAny(channel: "demo")
      try sandbox.fault(
        ["channel": "sales", "target": "provider", "kind": "status", "status": 503])
      for text in ["Hello! Are you open on Saturday?", "<script>alert('no')</script>"] {
        try sandbox.phone(text)
        _ = try #require(try sandbox.arrival(on: "demo") { $0["text"]?.string == text })
      }
      _ = stack.message(Stack.text("Yes: from nine to one."))
      _ = stack.message(Stack.text("We have moved your appointment.", to: failed))
      _ = stack.message(Stack.text("Your order is on its way."), channel: "sales")
      _ = stack.message(Stack.text("It arrives tomorrow."), channel: "sales")
      let sender = try WebhookSender(base: stack.base)
      for _ in 0..<2 {
        try sender.post("demo", Array(#"{"surprise": true, "api_key": "not-to-be-shown"}"#.utf8))
      }
      return stack
    }
  }
}

import SluiceCore
import Testing

extension EndToEnd {
  /// A channel with a second account.
  @Suite(.serialized) struct FailoverTests {
    @Test("what the first account refuses leaves through the second, whose callbacks count")
    func failsOver() throws {
      var options = Stack.Options()
      options.giveDemoAFallback()
      options.platform = "retry_base_seconds = 0.1"
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try sandbox.fault([
        "target": "provider", "kind": "status", "status": 402, "channel": "demo",
      ])
      let response = try #require(stack.message(Stack.text("either way")))
      #expect(response.status == 200)
      let mId = try #require(try JSONReader.read(response.body)["mId"]?.string)
      try sandbox.learn(mId, channel: "demo")
      let send = try #require(
        try sandbox.send(on: "spare") { $0["text"]?.string == "either way" }, "\(stack.logs())")

      let id = try #require(send["id"]?.string)
      let receipt = [
        ("message_id", id), ("status", "Delivered"), ("status_code", "201"),
        ("status_text", "Success: Message received on handset."), ("message_type", "sms"),
      ].map { "\($0)=\(FormFields.percent($1))" }.joined(separator: "&")
      let answer = stack.call(
        "POST", "/sluice/demo~fallback/status?secret=\(Stack.webhookSecret)",
        headers: [("content-type", "application/x-www-form-urlencoded")],
        body: Array(receipt.utf8))
      #expect(answer?.status == 200)
      #expect(
        try sandbox.statuses(of: mId, channel: "demo", count: 1) == ["delivered"],
        "\(stack.logs())")
      #expect(try sandbox.messages(on: "demo").isEmpty, "the first account has sent nothing")
    }
  }
}

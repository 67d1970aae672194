import Foundation
import SluiceCore
import Testing

extension EndToEnd {
  /// What providers send that the platform has no form for: IDs that are too long, texts in pieces,
  /// groups.
  @Suite(.serialized) struct InboundFormTests {
    static let description = """
      title = "Long"
      [settings.url]
      type = "url"
      [settings.api_key]
      type = "secret"
      [limits]
      text = 1000
      unit = "utf16"
      [send]
      url = "{setting.url}/messages"
      auth = { type = "bearer", token = "{setting.api_key}" }
      headers = { idempotency-key = "{reference}" }
      json = { to = "+60123456789", reference = "{reference}", text = "{to}: {text}" }
      [answer]
      id = "/id"
      http = { "200" = "accepted" }
      [webhooks]
      contact = "id"
      [[webhooks.message]]
      id = "/id"
      from = "/from"
      text = "/text"
      fragment = { reference = "/ref", number = "/part", total = "/parts" }
      """

    private static func stack() throws -> Stack {
      var options = Stack.Options()
      options.files = ["providers/long.toml": description]
      let port = "http://127.0.0.1:1"  // Of accounts that send nothing.
      let bot = """
        bot_token = "file:secrets/bot"
        webhook_secret = "file:secrets/webhook_secret"
        base_url = "\(port)"
        """
      options.otherChannels = [
        "long": Stack.Account(
          provider: "long",
          settings: """
            url = "{base}/sandbox/provider/long"
            api_key = "file:secrets/api_key"
            webhook_secret = "file:secrets/webhook_secret"
            """, secrets: [:], idType: "custom"),
        "groups": Stack.Account(
          provider: "telegram", settings: bot, secrets: ["bot": "7:AAtoken"], idType: "custom",
          channel: "groups = \"map\""),
        "people": Stack.Account(
          provider: "telegram", settings: bot, secrets: ["bot": "7:AAtoken"], idType: "custom"),
      ]
      return try Stack(options)
    }

    @Test("pieces of a text arrive as one, and the answer reaches an ID of any length")
    func joinsAndResolves() throws {
      let stack = try Self.stack()
      let sandbox = Sandbox(stack)
      let id = "user-" + String(repeating: "0123456789", count: 12)
      for part in [3, 1, 3, 2] {
        let body: JSON = [
          "id": "m1", "from": .string(id), "text": .string("<\(part)>"), "ref": "r",
          "part": .integer(Int64(part)), "parts": 3,
        ]
        let answer = stack.call(
          "POST", "/sluice/long/inbound?secret=\(Stack.webhookSecret)",
          headers: [("content-type", "application/json")], body: body.bytes)
        #expect(answer?.status == 200)
      }
      let arrival = try #require(
        try sandbox.arrival(on: "long") { $0["text"]?.string == "<1><2><3>" },
        "nothing arrived:\n\(stack.logs())")
      let contact = try #require(arrival["contact"]?.string)
      #expect(contact.utf8.count <= 50)
      #expect(try sandbox.taken(on: "long") == 1)

      #expect(stack.message(Stack.text("Hello", to: contact), channel: "long")?.status == 200)
      #expect(
        try sandbox.message(on: "long") { $0.text == "\(id): Hello" } != nil, "\(stack.logs())")
      let nobody = "==" + String(repeating: "0", count: 40)
      let refused = try #require(
        stack.message(Stack.text("Hello", to: nobody), channel: "long"))
      #expect(refused.status == 422)
      #expect(String(decoding: refused.body, as: UTF8.self).contains("has to write first"))
      let violations = try sandbox.violations()
      #expect(violations.isEmpty, "\(violations)")
    }

    @Test("a group is ignored, or a contact of its own, as the channel says")
    func groups() throws {
      let stack = try Self.stack()
      let sandbox = Sandbox(stack)
      func post(_ text: String, chat: String, on channel: String) {
        let now = Int(Date().timeIntervalSince1970)
        let update =
          #"{"update_id":1,"message":{"message_id":\#(text.utf8.count),"date":\#(now),"#
          + #""chat":\#(chat),"from":{"id":7,"first_name":"Zoë"},"text":"\#(text)"}}"#
        let answer = stack.call(
          "POST", "/sluice/\(channel)/inbound",
          headers: [
            ("content-type", "application/json"),
            ("x-telegram-bot-api-secret-token", Stack.webhookSecret),
          ], body: Array(update.utf8))
        #expect(answer?.status == 200)
      }
      for channel in ["people", "groups"] {
        post("Hi all", chat: #"{"id":-100123,"type":"group","title":"Flat 7"}"#, on: channel)
        post("Hi", chat: #"{"id":7,"type":"private"}"#, on: channel)
      }
      let arrival = try sandbox.arrival(on: "groups") { $0["text"]?.string == "Zoë: Hi all" }
      #expect(arrival?["contact"]?.string == "=2D100123", "\(stack.logs())")
      for channel in ["people", "groups"] {
        #expect(try sandbox.arrival(on: channel) { $0["text"]?.string == "Hi" } != nil)
      }
      #expect(try sandbox.arrivals(on: "people").map { $0["text"]?.string } == ["Hi"])
      let violations = try sandbox.violations()
      #expect(violations.isEmpty, "\(violations)")
    }
  }
}

import Foundation
import SluiceCore
import Testing

extension EndToEnd {
  /// The main job: a message in, a message out, its statuses back; with a relay, and without one.
  @Suite(.serialized) struct RoundTripTests {
    static let ways: [(label: String, options: Stack.Options)] = [
      ("relay", Stack.Options()), ("handlers", .handlersOnly),
    ]

    @Test("a message travels each way, and its statuses come back", arguments: ways)
    func roundTrip(label: String, options: Stack.Options) throws {
      var options = options
      options.clickSendChannels = ["click"]
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      for channel in ["demo", "click"] {
        try sandbox.phone("hello from \(channel)", channel: channel)
        let arrival = try #require(
          try sandbox.arrival(on: channel) { $0["text"]?.string == "hello from \(channel)" },
          "nothing arrived:\n\(stack.logs())")
        #expect(arrival["contact"]?.string == Sandbox.contact)

        let response = try #require(stack.message(Stack.text("and back"), channel: channel))
        #expect(response.status == 200)
        let mId = try #require(try JSONReader.read(response.body)["mId"]?.string)
        try sandbox.learn(mId, channel: channel)
        #expect(try sandbox.send(on: channel) { $0["text"]?.string == "and back" } != nil)
        // ClickSend knows no read receipts.
        let expected = channel == "demo" ? ["delivered", "read"] : ["delivered"]
        #expect(
          try sandbox.statuses(of: mId, channel: channel, count: expected.count) == expected,
          "\(label): \(stack.logs())")
      }
      #expect(try sandbox.violations().isEmpty)
    }
  }
}

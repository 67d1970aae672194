import Foundation
import SluiceCore
import Testing

extension EndToEnd {
  /// The one provider that everybody can run at home.
  @Suite(.serialized, .enabled(if: KannelGateway.isInstalled, "Kannel is not installed"))
  struct KannelTests {
    static let phone = "+263770000001"

    @Test("texts travel through a real Kannel each way, and its delivery report comes back")
    func roundTrip() throws {
      let gateway = try KannelGateway()
      var options = Stack.Options()
      options.channels = []
      options.otherChannels = ["sms": gateway.account]
      let stack = try Stack(options)
      let sandbox = Sandbox(stack)
      try gateway.start(for: stack, channel: "sms")

      let question = "Есть 100% & +1 ответ? 👍"
      let log = try gateway.connectCarrier(
        bringing: question, from: String(Self.phone.dropFirst()), in: stack)
      let arrival = try #require(
        try sandbox.arrival(on: "sms") { $0["text"]?.string == question },
        "nothing arrived:\n\(stack.logs())")
      #expect(arrival["contact"]?.string == Self.phone)

      // 189 UTF-16 units: three segments of 67.
      let answer = String(repeating: "Да, ответ есть, и он длинный 👍. ", count: 6)
        .trimmingCharacters(in: .whitespaces)
      let response = try #require(
        stack.message(Stack.text(answer, to: Self.phone), channel: "sms"))
      #expect(response.status == 200)
      let mId = try #require(try JSONReader.read(response.body)["mId"]?.string)
      try sandbox.learn(mId, channel: "sms")
      let segments = try #require(
        try eventually {
          let segments = try CarriedSegment.all(in: log)
          return segments.count >= 3 ? segments : nil
        }, "the carrier got no text:\n\(stack.logs())")
      #expect(segments.count == 3)
      #expect(segments.allSatisfy { $0.receiver == Self.phone })
      #expect(String(decoding: segments.flatMap(\.text), as: UTF16.self) == answer)

      #expect(
        try sandbox.statuses(of: mId, channel: "sms", count: 1) == ["delivered"], "\(stack.logs())")
      #expect(try sandbox.violations().isEmpty)
      for secret in [KannelGateway.password, KannelGateway.webhookSecret] {
        #expect(!stack.logs().contains(secret))
      }
    }
  }
}

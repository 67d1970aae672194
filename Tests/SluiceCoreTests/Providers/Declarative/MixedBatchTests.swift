import SluiceProviderSamples
import Testing

@testable import SluiceCore

/// Lists of which a description fits some items only.
struct MixedBatchTests {
  static let message = #"{"type":"message-received","message":{"id":"1","from":"+15005550123"}}"#

  static let rows: [(label: String, items: [String], events: Int, problem: String?)] = [
    ("all of them", [message], 1, nil),
    ("none", [], 0, nil),
    (
      "one that nobody described", [#"{"type":"new"}"#, message], 1,
      "An item of the webhook is neither a message nor a status that is described."
    ),
    (
      "only such", [#"{"type":"new"}"#], 0,
      "The webhook is neither a message nor a status that is described."
    ),
    (
      "one that cannot be read",
      [message, #"{"type":"message-received","message":{"id":"2","from":"INFO"}}"#, message], 2,
      "The sender \"INFO\" is none that messages can be sent to."
    ),
  ]
  @Test(arguments: rows)
  func reads(label: String, items: [String], events: Int, problem: String?) throws {
    let sample = try #require(ProviderSample.all.first { $0.name == "bandwidth" })
    let reading = try sample.reading("[" + items.joined(separator: ",") + "]")
    #expect(reading.events.count == events, "\(label)")
    #expect(reading.problem == problem, "\(label)")
  }
}

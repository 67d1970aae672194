import SluiceTesting
import Testing

@testable import SluiceCore

/// What tells a repeat from a new message where the provider gives no ID.
struct RepeatTests {
  private static func ids(_ fields: String, _ requests: [(body: String, now: Int64)]) throws
    -> [String]
  {
    let text = ProviderDescription.startingText.replacing(
      "when = { \"/type\" = \"inbound\" }\nid = \"/id\"", with: fields)
    let read = ProviderDescription.read(try SettingsFile(path: "a.toml", text: text), name: "a")
    #expect(read.problems == [])
    var reader = SettingsReader(try SettingsFile(path: "s.toml", text: ""))
    reader.givenSecrets = ["api_key": "key-4711", "webhook_secret": "webhook-secret"]
    reader.description = read.description
    let provider = try #require(DeclaredProvider(settings: &reader))
    return try requests.flatMap { request in
      try provider.events(
        in: HTTPRequest(
          method: "POST", path: "/", query: "secret=webhook-secret",
          body: Array(request.body.utf8)), now: request.now
      ).compactMap { if case .message(let message) = $0 { message.externalID } else { nil } }
    }
  }

  private static func body(_ text: String, from: String = "+46700000001", time: String = "")
    -> String
  {
    #"{"from":"\#(from)","text":"\#(text)","time":"\#(time)"}"#
  }

  private static let fields = "id_from = [\"/from\", \"/text\"]"

  @Test func withoutATimeTheSameWordsSoonAfterAreARepeat() throws {
    let ids = try Self.ids(
      Self.fields,
      [
        (Self.body("Hi"), 0), (Self.body("Hi"), 299_999), (Self.body("Hi"), 300_000),
        (Self.body("Ho"), 0), (Self.body("Hi", from: "+46700000002"), 0),
      ])
    #expect(ids[0] == ids[1])
    #expect(Set(ids).count == 4)
    #expect(ids.allSatisfy { $0.utf8.count == 32 })
  }

  @Test func withATimeTheSameWordsOfThatTimeAreARepeatForEver() throws {
    let ids = try Self.ids(
      Self.fields,
      [
        (Self.body("Hi", time: "2026-01-01T00:00:00Z"), 0),
        (Self.body("Hi", time: "2026-01-01T00:00:00Z"), 86_400_000),
        (Self.body("Hi", time: "2026-01-01T00:00:01Z"), 0),
      ])
    #expect(ids[0] == ids[1] && ids[1] != ids[2])
  }

  /// `ab` from `c` is not `a` from `bc`.
  @Test func fieldsDoNotFlowIntoEachOther() throws {
    let ids = try Self.ids(
      "id_from = [\"/text\", \"/type\"]",
      [
        (#"{"from":"+46700000001","text":"ab","type":"c"}"#, 0),
        (#"{"from":"+46700000001","text":"a","type":"bc"}"#, 0),
      ])
    #expect(Set(ids).count == 2)
  }
}

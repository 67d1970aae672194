import SluiceCore
import Testing

struct MessageContentTests {
  static let contents: [MessageContent] = [
    .text("Hello 👋"),
    .text(String(repeating: "👍", count: 7_000)),
    .attachment(Attachment(kind: .file, url: "https://files.example/a?b=c#d")),
    .attachment(
      Attachment(
        kind: .audio, url: "http://files.example/a", mimeType: "audio/ogg", fileName: "a.ogg",
        description: "Listen")),
    .location(latitude: -90, longitude: 180, address: nil),
    .location(latitude: 1, longitude: 0.1, address: "Pole"),
    .quickReply(title: "Which?", replies: ["A"]),
    .quickReply(title: "Which?", replies: (1...10).map(String.init)),
  ]
  @Test(arguments: contents)
  func survivesItsJSONForm(content: MessageContent) throws {
    #expect(try MessageContent(json: JSONReader.read(content.json.bytes)) == content)
    #expect(!content.json.text.contains("null"))
  }

  static let read: [(label: String, json: JSON, content: MessageContent)] = [
    ("unknown members", ["type": "text", "text": "a", "messageTag": "x", "b": .null], .text("a")),
    ("white space is text", ["type": "text", "text": " "], .text(" ")),
    (
      "mime, as some send it",
      [
        "type": "attachment",
        "attachment": [
          "type": "image", "url": "https://a.example/", "mime": "image/png", "size": 5,
        ],
      ],
      .attachment(
        Attachment(kind: .image, url: "https://a.example/", mimeType: "image/png", size: 5))
    ),
    (
      "whole degrees", ["type": "location", "latitude": 1, "longitude": 2, "address": .null],
      .location(latitude: 1, longitude: 2, address: nil)
    ),
  ]
  @Test(arguments: read)
  func reads(label: String, json: JSON, content: MessageContent) throws {
    #expect(try MessageContent(json: json) == content)
  }

  static let refused: [(label: String, json: JSON, error: MessageContentError)] = [
    ("no object", "text", .notAnObject(found: "a string")),
    ("no type", ["text": "a"], .missing("message.type")),
    ("an unknown type", ["type": "email"], .unknownType("email")),
    ("no text", ["type": "text"], .missing("message.text")),
    ("empty text", ["type": "text", "text": ""], .missing("message.text")),
    ("text that is none", ["type": "text", "text": 5], .missing("message.text")),
    (
      "7,001 characters", ["type": "text", "text": .string(String(repeating: "a", count: 7_001))],
      .tooLong("message.text", limit: 7_000)
    ),
    ("no attachment", ["type": "attachment"], .missing("message.attachment")),
    (
      "an unknown kind",
      ["type": "attachment", "attachment": ["type": "sticker", "url": "https://a/"]],
      .unknownAttachment("sticker")
    ),
    (
      "no URL", ["type": "attachment", "attachment": ["type": "file"]],
      .missing("message.attachment.url")
    ),
    (
      "a data URL", ["type": "attachment", "attachment": ["type": "file", "url": "data:,a"]],
      .badURL("data:,a")
    ),
    (
      "a URL with a space",
      ["type": "attachment", "attachment": ["type": "file", "url": "https://a/ b"]],
      .badURL("https://a/ b")
    ),
    (
      "a URL too long",
      [
        "type": "attachment",
        "attachment": [
          "type": "file", "url": .string("https://" + String(repeating: "a", count: 2_041)),
        ],
      ],
      .tooLong("message.attachment.url", limit: 2_048)
    ),
    (
      "off the globe", ["type": "location", "latitude": .double(90.5), "longitude": 0],
      .badCoordinate("message.latitude", limit: 90)
    ),
    (
      "degrees in a string", ["type": "location", "latitude": 0, "longitude": "1"],
      .badCoordinate("message.longitude", limit: 180)
    ),
    ("no replies", ["type": "quick_reply", "title": "a", "replies": []], .badReplies),
    (
      "11 replies",
      ["type": "quick_reply", "title": "a", "replies": .array(Array(repeating: "b", count: 11))],
      .badReplies
    ),
    (
      "an empty reply", ["type": "quick_reply", "title": "a", "replies": [""]],
      .missing("message.replies[]")
    ),
  ]
  @Test(arguments: refused)
  func refuses(label: String, json: JSON, error: MessageContentError) {
    #expect(throws: error) { try MessageContent(json: json) }
    #expect(error.description.hasSuffix("."))
  }
}

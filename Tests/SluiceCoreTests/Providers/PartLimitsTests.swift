import SluiceCore
import Testing

struct PartLimitsTests {
  static let sms = PartLimits(text: .smsSegments(maximum: 8), takesMedia: false)
  static let media = PartLimits(text: .utf16(maximum: 1_000), takesMedia: true)
  static let photo = Attachment(
    kind: .image, url: "https://files.example/a.jpg", fileName: "a.jpg", description: "Look")

  static let rows:
    [(label: String, limits: PartLimits, content: MessageContent, parts: [MessagePart])] = [
      ("text", sms, .text("Hello"), [.text("Hello")]),
      ("media where it is taken", media, .attachment(photo), [.attachment(photo)]),
      (
        "media as a link", sms, .attachment(photo),
        [.text("Look\nImage a.jpg: https://files.example/a.jpg")]
      ),
      (
        "media without caption and name", sms,
        .attachment(Attachment(kind: .file, url: "https://files.example/1")),
        [.text("File: https://files.example/1")]
      ),
      (
        "empty caption and name count as none", sms,
        .attachment(
          Attachment(kind: .audio, url: "https://files.example/1", fileName: "", description: "")),
        [.text("Audio: https://files.example/1")]
      ),
      (
        "location", media,
        .location(latitude: -33.8568, longitude: 151.2153, address: "Bennelong Point"),
        [.text("Bennelong Point\n-33.8568, 151.2153\nhttps://maps.google.com/?q=-33.8568,151.2153")]
      ),
      (
        "location without address, whole and tiny degrees", sms,
        .location(latitude: 51, longitude: -0.00001, address: nil),
        [.text("51, -0.00001\nhttps://maps.google.com/?q=51,-0.00001")]
      ),
      (
        "degrees are rounded, never in exponents, never minus zero", sms,
        .location(latitude: 12.345678901, longitude: -0.0000001, address: nil),
        [.text("12.345679, 0\nhttps://maps.google.com/?q=12.345679,0")]
      ),
      (
        "quick reply", media, .quickReply(title: "Which day?", replies: ["Monday", "Friday"]),
        [.text("Which day?\n1. Monday\n2. Friday")]
      ),
    ]
  @Test(arguments: rows)
  func degrades(
    label: String, limits: PartLimits, content: MessageContent, parts: [MessagePart]
  ) {
    #expect(limits.parts(of: content) == parts)
  }

  @Test func aLongCaptionLeavesTheLinkWhole() {
    let caption = String(repeating: "word ", count: 240)  // 1,200 of 1,224 septets.
    let content = MessageContent.attachment(
      Attachment(
        kind: .video, url: "https://files.example/\(String(repeating: "v", count: 500))",
        description: caption))
    let parts = Self.sms.parts(of: content)
    guard case .text(let last) = parts.last else { return }
    #expect(parts.count == 2)
    #expect(last.hasPrefix("https://files.example/"))
  }

  @Test func partsSurviveTheirJSONForm() {
    for part in [MessagePart.text("Hello"), .attachment(Self.photo)] {
      #expect(MessagePart(json: part.json) == part)
    }
    #expect(MessagePart(json: ["location": "here"]) == nil)
  }
}

import SluiceCore
import Testing

struct PartLimitsTests {
  static let sms = PartLimits(text: .smsSegments(maximum: 8))
  static let media = PartLimits(text: .utf16(maximum: 1_000), media: .all(captions: nil))
  static let chat = PartLimits(
    text: .scalars(maximum: 4_096),
    media: PartLimits.Media(
      kinds: [.image, .audio], captions: .utf16(maximum: 5), withoutCaption: [.audio]),
    takesLocation: true,
    replies: PartLimits.Replies(
      maximum: 3, label: .scalars(maximum: 6), title: .bytes(maximum: 10)))
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
      (
        "location where it is shown", chat, .location(latitude: 1, longitude: 2, address: "Here"),
        [.location(latitude: 1, longitude: 2, address: "Here")]
      ),
      (
        "buttons", chat, .quickReply(title: "Which day?", replies: ["Monday", "Friday"]),
        [.quickReply(title: "Which day?", replies: ["Monday", "Friday"])]
      ),
      (
        "a label too long for a button", chat,
        .quickReply(title: "Which?", replies: ["Monday", "Tuesday"]),
        [.text("Which?\n1. Monday\n2. Tuesday")]
      ),
      (
        "a title too long for buttons, in bytes", chat,
        .quickReply(title: "Quel été ?", replies: ["A"]), [.text("Quel été ?\n1. A")]
      ),
      (
        "more replies than buttons", chat,
        .quickReply(title: "Which?", replies: ["1", "2", "3", "4"]),
        [.text("Which?\n1. 1\n2. 2\n3. 3\n4. 4")]
      ),
      ("a caption that fits", chat, .attachment(photo), [.attachment(photo)]),
      (
        "a longer one goes behind", chat,
        .attachment(Attachment(kind: .image, url: "https://a.example/", description: "Longer")),
        [.attachment(Attachment(kind: .image, url: "https://a.example/")), .text("Longer")]
      ),
      (
        "a kind without captions", chat,
        .attachment(Attachment(kind: .audio, url: "https://a.example/", description: "Hi")),
        [.attachment(Attachment(kind: .audio, url: "https://a.example/")), .text("Hi")]
      ),
      (
        "a kind that is not taken", chat,
        .attachment(Attachment(kind: .video, url: "https://a.example/", description: "Hi")),
        [.text("Hi\nVideo: https://a.example/")]
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

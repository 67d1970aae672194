import SluiceCore
import Testing

struct AttachmentKindTests {
  static let rows: [(type: String?, kind: SluiceCore.Attachment.Kind)] = [
    ("image/jpeg", .image), ("VIDEO/MP4", .video), ("audio/ogg; codecs=opus", .audio),
    ("application/pdf", .file), ("text/x-vcard", .file), ("imagery/x", .file), ("", .file),
    (nil, .file),
  ]
  @Test(arguments: rows)
  func followsTheMediaType(type: String?, kind: SluiceCore.Attachment.Kind) {
    #expect(SluiceCore.Attachment.Kind(mimeType: type) == kind)
  }

  static let paths: [(url: String, kind: SluiceCore.Attachment.Kind)] = [
    ("https://a.example/b/c.jpg", .image), ("https://a.example/c.tar.PNG?x=1.mp3", .image),
    ("https://a.example/c.mp4#.jpg", .video), ("https://a.example/c.ogg", .audio),
    ("https://a.example/c.pdf", .file), ("https://a.example/jpg", .file),
    ("https://a.example/", .file), ("", .file),
  ]
  @Test(arguments: paths)
  func followsTheEndOfThePath(url: String, kind: SluiceCore.Attachment.Kind) {
    #expect(SluiceCore.Attachment.Kind(pathOf: url) == kind)
  }

  static let names: [(name: String?, first: String?, last: String?)] = [
    ("Zoë", "Zoë", nil), ("Zoë van Dijk", "Zoë", "van Dijk"), (" Zoë  Dijk", "Zoë", " Dijk"),
    (" ", nil, nil), ("", nil, nil), (nil, nil, nil),
  ]
  @Test(arguments: names)
  func splitsNames(name: String?, first: String?, last: String?) {
    #expect(
      ContactProfile(name: name, phone: "+1")
        == ContactProfile(
          firstName: first, lastName: last, phone: "+1"))
  }
}

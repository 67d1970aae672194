import SluiceCore
import Testing

struct MediaHeadersTests {
  private func headers(
    _ name: String?, _ type: String?, fetched: String? = nil,
    kind: SluiceCore.Attachment.Kind = .image
  ) -> [String] {
    let ticket = MediaTicket(
      channel: ChannelAccount("a")!, reference: "1", kind: kind, fileName: name, mimeType: type,
      expires: 0)
    let headers = MediaHeaders.of(ticket, type: fetched)
    #expect(headers.map(\.name) == ["content-type", "content-disposition"])
    return headers.map(\.value)
  }

  @Test func saysTypeAndName() {
    #expect(headers("a.jpg", "image/jpeg") == ["image/jpeg", #"inline; filename="a.jpg""#])
    #expect(
      headers("Kätzchen \"1\".png", "image/PNG", fetched: "text/html") == [
        "image/png",
        "inline; filename=\"K_tzchen _1_.png\"; filename*=UTF-8''K%C3%A4tzchen%20%221%22.png",
      ])
    #expect(
      headers(nil, nil, fetched: "audio/ogg; codecs=opus", kind: .audio) == [
        "audio/ogg; codecs=opus", #"inline; filename="audio.ogg""#,
      ])
    #expect(
      headers(nil, nil, kind: .file) == [
        "application/octet-stream", #"attachment; filename="file""#,
      ])
  }

  @Test(
    "what a browser would run is saved",
    arguments: ["text/html", "image/svg+xml", "application/pdf"])
  func saves(type: String) {
    #expect(headers("a", type) == [type, #"attachment; filename="a""#])
  }

  static let names: [(given: String, written: String)] = [
    ("../../etc/passwd", "etcpasswd"), (".htaccess", "htaccess"), ("a\r\nx: y", "ax: y"),
    ("cod\u{202E}gpj.exe", "codgpj.exe"), ("\u{0}", "image.jpg"), (" ", "image.jpg"),
    ("C:\\a", "C:a"), ("", "image.jpg"), ("100%.jpg", "100_.jpg"),
  ]
  @Test(arguments: names)
  func cleansNames(given: String, written: String) {
    let value = headers(given, "image/jpeg")[1]
    #expect(value.hasPrefix("inline; filename=\"\(written)\""))
    #expect(value.utf8.allSatisfy { (0x20...0x7E).contains($0) })
  }

  static let parameters: [(given: String, written: String)] = [
    ("image/png;a,text/html", "image/png"), ("image/png; a=\",text/html\"", "image/png"),
    ("image/png ,text/html", "image/png"), ("image/png;charset=a,text/html", "image/png"),
    ("text/plain; format=flowed;charset=UTF-8", "text/plain; charset=utf-8"),
    ("text/plain; charset=\"utf-8\"", "text/plain"), ("text/plain;charset=", "text/plain"),
    ("audio/ogg; codecs=opus", "audio/ogg; codecs=opus"),
  ]
  @Test(arguments: parameters)
  func keepsWhatNobodyReadsOtherwise(given: String, written: String) {
    #expect(headers("a", given)[0] == written)
  }

  @Test(
    "no type of theirs, no header of theirs",
    arguments: [
      "", "image", "image/", "/jpeg", "image/jpeg/x", "image/jp\u{212A}g", "image/jpeg\r\nx: y",
      "ima ge/jpeg", "image/jp\"eg", "image/png,text/html",
      String(repeating: "a", count: 99) + "/b",
    ])
  func refusesTypes(text: String) {
    #expect(headers("a", text, fetched: text)[0] == "application/octet-stream")
  }
}

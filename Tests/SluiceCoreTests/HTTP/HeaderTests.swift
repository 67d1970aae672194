import SluiceCore
import Testing

struct HeaderTests {
  static let pauses: [(value: String?, seconds: Double?)] = [
    ("30", 30), ("0", 0), ("999999999", 999_999_999), ("", nil), (nil, nil), ("+30", nil),
    ("-1", nil), ("1.5", nil), ("0x10", nil), ("nan", nil), ("9999999999", nil),
    ("Wed, 21 Oct 2026 07:28:00 GMT", nil),
  ]
  @Test(arguments: pauses)
  func readsRetryAfter(value: String?, seconds: Double?) {
    let response = HTTPResponse(status: 429, headers: value.map { [("retry-after", $0)] } ?? [])
    #expect(response.retryAfter == seconds)
  }

  static let digits: [(text: String, bytes: [UInt8]?)] = [
    ("", []), ("00fF", [0, 255]), ("a", nil), ("0g", nil), (" 0", nil), ("+1", nil), ("é", nil),
  ]
  @Test(arguments: digits)
  func readsHex(text: String, bytes: [UInt8]?) {
    #expect(Hex.bytes(text) == bytes)
    #expect(bytes.map { Hex.text($0) } == bytes.map { _ in text.lowercased() })
  }

  static let types: [(value: String?, type: String?)] = [
    ("application/json", "application/json"),
    ("Application/JSON; charset=utf-8", "application/json"),
    ("text/plain ;a", "text/plain"), (nil, nil),
  ]
  @Test(arguments: types)
  func readsContentTypes(value: String?, type: String?) {
    let headers = value.map { ["content-type": $0] } ?? [:]
    #expect(HTTPRequest(method: "POST", path: "/", headers: headers).contentType == type)
  }
}

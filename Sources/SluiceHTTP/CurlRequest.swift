import CCurl
import SluiceCore

/// What all our calls have in common.
enum CurlRequest {
  static func setManners(_ easy: UnsafeMutableRawPointer) {
    // A CGI request's `Proxy:` header becomes HTTP_PROXY in the environment: never look there.
    sluice_curl_set_text(easy, CURLOPT_PROXY, "")
    sluice_curl_set_text(easy, CURLOPT_NOPROXY, "*")
    sluice_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    sluice_curl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    sluice_curl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    sluice_curl_set_text(easy, CURLOPT_USERAGENT, "Sluice")
  }

  /// - Returns: A list that is the caller's to free.
  static func headerList(_ call: HTTPCall) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for (name, value) in call.headers { list = sluice_curl_list_append(list, "\(name): \(value)") }
    return sluice_curl_list_append(list, "expect:")  // No 100-continue round trip.
  }
}

/// The few headers of an answer that somebody reads; making text of all of them took a fifth of a
/// relay's time.
struct CurlHeaders {
  private(set) var kept: [(name: String, value: String)] = []
  /// Of all the call's answers, provisional ones and trailers too.
  private var lines = 0
  private var size = 0

  mutating func removeAll() { self = CurlHeaders() }

  /// Takes a line as libcurl hands it over.
  /// - Returns: Whether that is still within what an answer may have.
  mutating func take(_ bytes: UnsafeMutablePointer<CChar>, count: Int) -> Bool {
    lines += 1
    size += count
    guard lines <= Self.mostLines, size <= Self.mostBytes else { return false }
    bytes.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
      let line = UnsafeBufferPointer(start: bytes, count: count)
      if line.starts(with: "HTTP/".utf8) {
        kept.removeAll()  // A further answer: what went before was provisional.
      } else if let name = Self.names.first(where: { Self.line(line, has: $0) }) {
        let value = line.dropFirst(name.utf8.count + 1).drop { $0 == 0x20 || $0 == 0x09 }
        kept.append((name, String(decoding: value.prefix { $0 >= 0x20 }, as: UTF8.self)))
      }
    }
    return true
  }

  static let complaint = "the answer has too many headers, or too long ones"

  /// Providers have some thirty, of some two kilobytes.
  private static let mostLines = 100
  private static let mostBytes = 65_536
  private static let names = ["retry-after", "content-type", "location"]

  private static func line(_ line: UnsafeBufferPointer<UInt8>, has name: String) -> Bool {
    let count = name.utf8.count
    guard line.count > count, line[count] == UInt8(ascii: ":") else { return false }
    return zip(line, name.utf8).allSatisfy { $0 | 0x20 == $1 }
  }
}

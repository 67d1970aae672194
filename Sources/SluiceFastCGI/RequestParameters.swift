import Glibc
import SluiceCore

/// Turns CGI variables (RFC 3875, 4.1) into a request, strictly: nginx before 1.23 passes a
/// repeated header as two variables of one name, and whoever takes the first or last of them can be
/// played against whoever takes the other. Works on bytes, and makes text only of what is used:
/// this is done for every request, before anyone is authenticated.
package enum RequestParameters {
  /// A request without its body, and how many bytes of that are to come.
  package struct Head {
    package let request: (_ body: [UInt8]) -> HTTPRequest
    package let length: Int
  }

  /// - Parameter variables: `NAME=value` strings and a null pointer, as libfcgi and `environ` have
  ///   them.
  /// - Returns: The request's head, or the answer that refuses it.
  package static func read(
    _ variables: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, maximumBodyBytes: Int
  ) -> Result<Head, Refusal> {
    var table = Table()
    var entry = variables
    while let text = entry?.pointee {
      if let refusal = table.take(text) { return .failure(refusal) }
      entry? += 1
    }
    guard let method = table[.method], !method.isEmpty else {
      return .failure(Refusal(400, "The web server passed no REQUEST_METHOD."))
    }
    guard let length = length(table[.length]) else {
      return .failure(Refusal(400, "The request's Content-Length is not a number."))
    }
    guard length <= maximumBodyBytes else {
      return .failure(Refusal(413, "The body is larger than \(maximumBodyBytes) bytes."))
    }
    // nginx normalises `DOCUMENT_URI`; under plain CGI the path below the program is `PATH_INFO`.
    let path = table[.documentURI] ?? table[.pathInfo] ?? table[.scriptName] ?? "/"
    let channel = table[.channel] ?? channel(in: path)
    var headers = table.headers
    if let type = table[.contentType] { headers["content-type"] = type }
    let query = table[.query] ?? ""
    let remoteAddress = table[.remoteAddress]
    // Customary rather than specified: `on` with Apache and nginx, `1` elsewhere.
    let isSecure = table[.https].map { $0 != "off" } ?? false
    return .success(
      Head(
        request: { body in
          HTTPRequest(
            method: method, path: path, channel: channel, query: query,
            remoteAddress: remoteAddress, isSecure: isSecure, headers: headers, body: body)
        }, length: length))
  }

  /// Why a request goes no further than here.
  package struct Refusal: Error, Equatable {
    package let status: Int
    package let message: String

    init(_ status: Int, _ message: String) {
      self.status = status
      self.message = message
    }
  }

  /// The server's variables that are used; those that begin with `HTTP_` are the client's headers.
  private enum Variable: String, CaseIterable {
    case method = "REQUEST_METHOD"
    case length = "CONTENT_LENGTH"
    case contentType = "CONTENT_TYPE"
    case query = "QUERY_STRING"
    case documentURI = "DOCUMENT_URI"
    case pathInfo = "PATH_INFO"
    case scriptName = "SCRIPT_NAME"
    case channel = "SLUICE_CHANNEL"
    case remoteAddress = "REMOTE_ADDR"
    case https = "HTTPS"

    static let names = allCases.map { Array($0.rawValue.utf8) }
  }

  private struct Table {
    private(set) var headers: [String: String] = [:]
    private var values = [String?](repeating: nil, count: Variable.allCases.count)
    private var names: [UnsafeBufferPointer<UInt8>] = []

    init() { names.reserveCapacity(32) }

    /// Empty is as good as missing.
    subscript(variable: Variable) -> String? {
      Variable.allCases.firstIndex(of: variable).flatMap { values[$0] }
    }

    mutating func take(_ text: UnsafePointer<CChar>) -> Refusal? {
      let count = strlen(text)
      let bytes = UnsafeRawBufferPointer(start: text, count: count).bindMemory(to: UInt8.self)
      guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      let name = UnsafeBufferPointer(rebasing: bytes[..<equals])
      let value = UnsafeBufferPointer(rebasing: bytes[(equals + 1)...])
      guard !names.contains(where: { Self.areEqual($0, name) }) else {
        return Refusal(400, "The request has a header twice. Send each header once.")
      }
      names.append(name)
      guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        return Refusal(400, "A header holds a control character.")
      }
      if let index = Variable.names.firstIndex(where: { Self.areEqual($0, name) }) {
        guard let text = String(strictly: value) else { return Self.notText }
        values[index] = text.isEmpty ? nil : text
      } else if name.count > 5, memcmp(name.baseAddress!, "HTTP_", 5) == 0 {
        guard let text = String(strictly: value) else { return Self.notText }
        headers[Self.headerName(name)] = text
      }
      return nil
    }

    private static let notText = Refusal(400, "A header is not UTF-8 text.")

    private static func areEqual(
      _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>
    ) -> Bool {
      a.count == b.count && memcmp(a.baseAddress!, b.baseAddress!, a.count) == 0
    }

    private static func areEqual(_ a: [UInt8], _ b: UnsafeBufferPointer<UInt8>) -> Bool {
      a.count == b.count && memcmp(a, b.baseAddress!, a.count) == 0
    }

    /// `HTTP_X_FORWARDED_FOR` is `x-forwarded-for`.
    private static func headerName(_ variable: UnsafeBufferPointer<UInt8>) -> String {
      String(unsafeUninitializedCapacity: variable.count - 5) { buffer in
        for index in 5..<variable.count {
          let byte = variable[index]
          switch byte {
          case UInt8(ascii: "_"): buffer[index - 5] = UInt8(ascii: "-")
          case UInt8(ascii: "A")...UInt8(ascii: "Z"): buffer[index - 5] = byte | 0x20
          default: buffer[index - 5] = byte
          }
        }
        return variable.count - 5
      }
    }
  }

  /// At most eight digits; missing is 0.
  private static func length(_ text: String?) -> Int? {
    guard let text else { return 0 }
    guard text.utf8.count <= 8,
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(text)
  }

  /// Without `SLUICE_CHANNEL`: the last segment but one, as in `/{channel}/message`.
  private static func channel(in path: String) -> String? {
    let segments = path.utf8.split(separator: UInt8(ascii: "/"))
    return segments.count >= 2 ? String(segments[segments.count - 2]) : nil
  }
}

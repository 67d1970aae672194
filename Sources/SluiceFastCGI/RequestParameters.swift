import SluiceCore

/// Turns CGI variables (RFC 3875, 4.1) into a request, strictly: nginx before 1.23 passes a
/// repeated header as two variables of one name, and whoever takes the first or last of them can be
/// played against whoever takes the other.
package enum RequestParameters {
  /// A request without its body, and how many bytes of that are to come.
  package struct Head {
    package let request: (_ body: [UInt8]) -> HTTPRequest
    package let length: Int
  }

  /// - Returns: The request's head, or the answer that refuses it.
  package static func read(
    _ parameters: [(name: String, value: String)]?, maximumBodyBytes: Int
  ) -> Result<Head, Refusal> {
    guard let parameters else { return .failure(Refusal(400, "A header is not UTF-8 text.")) }
    var table = [String: String](minimumCapacity: parameters.count)
    var headers: [String: String] = [:]
    for (name, value) in parameters {
      guard table.updateValue(value, forKey: name) == nil else {
        return .failure(Refusal(400, "The request has a header twice. Send each header once."))
      }
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        return .failure(Refusal(400, "A header holds a control character."))
      }
      // Variables that begin with HTTP_ are the client's headers; all others are the server's.
      if name.utf8.starts(with: "HTTP_".utf8) { headers[headerName(name)] = value }
    }
    if let type = table["CONTENT_TYPE"], !type.isEmpty { headers["content-type"] = type }
    guard let method = table["REQUEST_METHOD"], !method.isEmpty else {
      return .failure(Refusal(400, "The web server passed no REQUEST_METHOD."))
    }
    guard let length = length(table["CONTENT_LENGTH"]) else {
      return .failure(Refusal(400, "The request's Content-Length is not a number."))
    }
    guard length <= maximumBodyBytes else {
      return .failure(Refusal(413, "The body is larger than \(maximumBodyBytes) bytes."))
    }
    let path = path(in: table)
    let channel = table["SLUICE_CHANNEL"].flatMap { $0.isEmpty ? nil : $0 } ?? channel(in: path)
    let query = table["QUERY_STRING"] ?? ""
    return .success(
      Head(
        request: { body in
          HTTPRequest(
            method: method, path: path, channel: channel, query: query, headers: headers, body: body
          )
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

  /// `HTTP_X_FORWARDED_FOR` is `x-forwarded-for`.
  private static func headerName(_ variable: String) -> String {
    String(
      decoding: variable.utf8.dropFirst(5).map { byte in
        switch byte {
        case UInt8(ascii: "_"): UInt8(ascii: "-")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        default: byte
        }
      }, as: UTF8.self)
  }

  /// At most eight digits; missing or empty is 0.
  private static func length(_ text: String?) -> Int? {
    guard let text, !text.isEmpty else { return 0 }
    guard text.utf8.count <= 8,
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Int(text)
  }

  /// nginx normalises `DOCUMENT_URI`; under plain CGI the path below the program is `PATH_INFO`.
  private static func path(in table: [String: String]) -> String {
    for name in ["DOCUMENT_URI", "PATH_INFO", "SCRIPT_NAME"] {
      if let path = table[name], !path.isEmpty { return path }
    }
    return "/"
  }

  /// Without `SLUICE_CHANNEL`: the last segment but one, as in `/{channel}/message`.
  private static func channel(in path: String) -> String? {
    let segments = path.split(separator: "/")
    return segments.count >= 2 ? String(segments[segments.count - 2]) : nil
  }
}

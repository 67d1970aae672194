/// An answer: ours to a caller, or a peer's to a call of ours.
package struct HTTPResponse: Equatable, Sendable {
  /// 100 to 599.
  package let status: Int
  /// In sending order; names in lower case.
  package var headers: [(name: String, value: String)]
  package let body: [UInt8]

  package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  package init(status: Int, json: JSON, headers: [(name: String, value: String)] = []) {
    self.init(
      status: status, headers: [("content-type", "application/json")] + headers, body: json.bytes)
  }

  package init(status: Int, text: String, type: String = "text/plain; charset=utf-8") {
    self.init(status: status, headers: [("content-type", type)], body: Array(text.utf8))
  }

  package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  package static func == (a: Self, b: Self) -> Bool {
    a.status == b.status && a.body == b.body
      && a.headers.elementsEqual(b.headers) { $0.name == $1.name && $0.value == $1.value }
  }

  /// The platform's error shape, `{"error": {"message": …}}`, which the agent sees (PROTOCOL,
  /// "IS-Messenger to Sluice").
  package static func error(
    _ status: Int, _ message: String, headers: [(name: String, value: String)] = []
  ) -> HTTPResponse {
    HTTPResponse(status: status, json: ["error": ["message": .string(message)]], headers: headers)
  }

  package static let reasonPhrases: [Int: String] = [
    200: "OK", 202: "Accepted", 204: "No Content", 302: "Found", 303: "See Other",
    304: "Not Modified",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 409: "Conflict", 411: "Length Required", 413: "Content Too Large",
    415: "Unsupported Media Type", 422: "Unprocessable Content", 429: "Too Many Requests",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
  ]
}

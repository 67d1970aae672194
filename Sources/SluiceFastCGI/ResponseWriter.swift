import SluiceCore

/// An answer in CGI's form (RFC 3875, 6): a `Status` field instead of a status line.
enum ResponseWriter {
  static func bytes(of response: HTTPResponse, isHead: Bool) -> [UInt8] {
    let phrase = HTTPResponse.reasonPhrases[response.status] ?? "Other"
    var text = "Status: \(response.status) \(phrase)\r\n"
    for (name, value) in response.headers { text += "\(name): \(value)\r\n" }
    text += "content-length: \(response.body.count)\r\n\r\n"
    var bytes = Array(text.utf8)
    if !isHead { bytes += response.body }
    return bytes
  }
}

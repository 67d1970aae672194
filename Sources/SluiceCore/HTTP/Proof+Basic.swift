import FoundationEssentials

extension Proof {
  /// User and password of an `Authorization: Basic …` header (RFC 7617, 2); `nil` where there is none.
  package static func basicCredentials(
    in request: HTTPRequest
  ) -> (user: String, password: String)? {
    let words = (request.headers["authorization"] ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "basic",
      let bytes = Data(base64Encoded: String(words[1])).map({ Array($0) }),
      // The first: a user has none, a password may.
      let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      let user = String(validating: bytes[..<colon], as: UTF8.self),
      let password = String(validating: bytes[(colon + 1)...], as: UTF8.self)
    else { return nil }
    return (user, password)
  }
}

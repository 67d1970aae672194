import FoundationEssentials

extension Secret {
  /// The header that presents it as the password of `user` (RFC 7617, 2).
  /// - Parameter user: Without a colon, which would end it.
  func basicAuthorization(user: String) -> (name: String, value: String) {
    ("authorization", "Basic \(Data(Array("\(user):".utf8) + bytes).base64EncodedString())")
  }
}

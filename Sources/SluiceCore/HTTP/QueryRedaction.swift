/// Queries and forms as providers send them, fit to be shown: some carry a secret.
package enum QueryRedaction {
  /// The same with `[redacted]` for the value of whatever sounds like a secret.
  /// - Parameter query: `name=value` pairs joined by `&`, encoded or not.
  package static func text(_ query: String) -> String {
    query.split(separator: "&", omittingEmptySubsequences: false).map { pair in
      guard let equals = pair.firstIndex(of: "=") else { return String(pair) }
      let name = pair[..<equals].lowercased()
      return words.contains { name.contains($0) } ? "\(pair[...equals])[redacted]" : String(pair)
    }.joined(separator: "&")
  }

  private static let words = ["secret", "token", "pass", "key", "sig", "auth", "hash"]
}

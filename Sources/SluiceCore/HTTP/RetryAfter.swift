extension HTTPResponse {
  /// Seconds of a `Retry-After` header (RFC 9110, 10.2.3). The form with a date counts as none: it
  /// is rare, and right only if both clocks are.
  package var retryAfter: Double? {
    guard let value = header("retry-after"), (1...9).contains(value.utf8.count),
      value.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    return Double(value)
  }
}

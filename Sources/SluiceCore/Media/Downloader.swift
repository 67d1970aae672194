/// Makes calls to addresses that others name, with care.
package protocol Downloader {
  /// Makes one call, and follows nothing.
  /// - Parameters:
  ///   - file: A descriptor that the body of a 200 is written to; `nil` keeps it in memory, where at
  ///     most a megabyte may come. So are all other bodies.
  ///   - limit: Bytes of the file.
  ///   - timeout: Seconds for the whole call, more than 0.
  func download(_ call: HTTPCall, to file: Int32?, atMost limit: Int, timeout: Double)
    -> DownloadResult
}

/// How such a call ended.
package enum DownloadResult: Equatable, Sendable {
  /// An answer came whole; `written` bytes of it are in the file.
  case answered(HTTPResponse, written: Int)
  case tooLarge
  /// The host is at an address that may not be called.
  case forbidden(NetworkAddress)
  /// No whole answer came, for a reason that may pass.
  case failed(reason: String)
}

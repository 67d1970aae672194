import CCurl
import Glibc
import SluiceCore

/// One call on a libcurl easy handle, which is used again for the next one. libcurl calls back with
/// a pointer to this object, so it lives as long as its transfer does (`CurlTransport.active`).
final class CurlTransfer {
  let easy: UnsafeMutableRawPointer
  private(set) var ticket: UInt64 = 0
  private var departure: () -> Void = {}
  private var hasLeft = false
  private var headerList: UnsafeMutablePointer<curl_slist>?
  /// Sent from here, without a copy: libcurl reads it while the call is under way.
  private var body: [UInt8] = []
  private var answer: [UInt8] = []
  private var headers = CurlHeaders()
  /// Why we ended it ourselves.
  private var complaint: String?

  /// `nil` for want of memory.
  init?() {
    guard let easy = sluice_curl_easy_init() else { return nil }
    self.easy = easy
    setFixedOptions()
  }

  deinit {
    sluice_curl_list_free(headerList)
    sluice_curl_easy_cleanup(easy)
  }

  func prepare(
    _ call: HTTPCall, ticket: UInt64, timeout: Double, departure: @escaping () -> Void
  ) {
    self.ticket = ticket
    self.departure = departure
    hasLeft = false
    complaint = nil
    answer.removeAll(keepingCapacity: true)
    headers.removeAll()
    body = call.body
    sluice_curl_set_text(easy, CURLOPT_URL, call.url)
    // A connection that may turn out to take many calls is waited for. Without TLS none does, and
    // a first one that stays silent would hold up all the others.
    sluice_curl_set_long(easy, CURLOPT_PIPEWAIT, call.url.hasPrefix("https:") ? 1 : 0)
    sluice_curl_set_long(
      easy, CURLOPT_MAXAGE_CONN, call.isRepeatable ? Self.idleTime : Self.shortIdleTime)
    sluice_curl_set_long(easy, CURLOPT_TIMEOUT_MS, max(Int(timeout * 1_000), 1))
    sluice_curl_list_free(headerList)
    headerList = CurlRequest.headerList(call)
    sluice_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headerList)
    sluice_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, call.method)
    if call.method == "GET" {
      sluice_curl_set_long(easy, CURLOPT_HTTPGET, 1)
    } else {
      sluice_curl_set_long(easy, CURLOPT_POST, 1)
      sluice_curl_set_long(easy, CURLOPT_POSTFIELDSIZE, body.count)
      // Copied by libcurl: an array's storage has no address that lasts.
      body.withUnsafeMutableBytes { buffer in
        _ = sluice_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, buffer.baseAddress)
      }
    }
    body = []
  }

  private func setFixedOptions() {
    CurlRequest.setManners(easy)
    sluice_curl_set_long(easy, CURLOPT_TCP_NODELAY, 1)
    // A hundred calls at once have a hundred buffers; messages need no large ones.
    sluice_curl_set_long(easy, CURLOPT_BUFFERSIZE, 4_096)
    sluice_curl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16_384)
    sluice_curl_set_callbacks(
      easy, Unmanaged.passUnretained(self).toOpaque(),
      { bytes, size, count, context in
        CurlTransfer.at(context).take(body: bytes, count: size * count)
      },
      { bytes, size, count, context in
        CurlTransfer.at(context).take(header: bytes, count: size * count)
      },
      { context, _, _, _, _ in
        CurlTransfer.at(context).leave() ? 0 : 1  // CURL_PREREQFUNC_OK, _ABORT
      })
  }

  /// What a finished transfer amounts to.
  func result(_ code: CURLcode) -> CallResult {
    departure = {}
    if code == CURLE_OK {
      return .answered(
        HTTPResponse(status: sluice_curl_status(easy), headers: headers.kept, body: answer))
    }
    let reason = complaint ?? String(cString: sluice_curl_strerror(code))
    return hasLeft ? .unanswered(reason: reason) : .notSent(reason: reason)
  }

  private static func at(_ context: UnsafeMutableRawPointer?) -> CurlTransfer {
    Unmanaged<CurlTransfer>.fromOpaque(context!).takeUnretainedValue()
  }

  /// - Returns: Whether the request may leave. libcurl sends one again by itself where a connection that
  ///   was kept ends without an answer, but the other side may have taken it, and this call has one slot.
  private func leave() -> Bool {
    guard !hasLeft else {
      complaint = "the connection ended without an answer"
      return false
    }
    hasLeft = true
    departure()
    return true
  }

  private func take(body bytes: UnsafeMutablePointer<CChar>?, count: Int) -> Int {
    guard let bytes, answer.count + count <= Self.largestAnswer else {
      complaint = "the answer is too large"
      return 0  // Makes libcurl give up.
    }
    bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
      answer.append(contentsOf: UnsafeBufferPointer(start: $0, count: count))
    }
    return count
  }

  private func take(header bytes: UnsafeMutablePointer<CChar>?, count: Int) -> Int {
    guard let bytes else { return 0 }
    guard headers.take(bytes, count: count) else {
      complaint = CurlHeaders.complaint
      return 0
    }
    return count
  }

  /// Seconds after which a connection that nobody used is not used again: servers end those after a
  /// minute, mostly, and a request that meets the end gets no answer.
  private static let idleTime = 50
  /// Some end them after five seconds. Where a lost answer cannot be made good, another connection is
  /// the smaller evil.
  private static let shortIdleTime = 4

  /// Bytes; platforms and providers answer with a few hundred.
  private static let largestAnswer = 1 << 20
}

import CCurl
import Glibc
import SluiceCore

/// Calls to addresses that others name: each socket is opened only once its address is known, and
/// allowed. A name may stand for one address when it is checked and for another when it is used, so
/// nothing but the address that is connected to counts. Belongs to one thread.
package final class CurlDownloader: Downloader {
  private let easy: UnsafeMutableRawPointer
  private let allowsPrivateNetworks: Bool
  private let isThisHosts: (NetworkAddress) -> Bool
  private var state = State()

  /// One call, while it is under way.
  private struct State {
    var file: Int32?
    var limit = 0
    var written = 0
    var body: [UInt8] = []
    var headers = CurlHeaders()
    var isTooLarge = false
    var hasLongHead = false
    /// `errno` of a write that failed.
    var writeError: Int32?
    var forbidden: NetworkAddress?
  }

  /// - Parameter isThisHosts: Whether an address is one of the host's own, public or not.
  package init(
    allowsPrivateNetworks: Bool, isThisHosts: @escaping (NetworkAddress) -> Bool = ThisHost.has
  ) throws(CurlError) {
    var problem: UnsafePointer<CChar>?
    guard sluice_curl_open(&problem) == 0 else {
      throw CurlError(description: problem.map { String(cString: $0) } ?? "libcurl is missing.")
    }
    guard let easy = sluice_curl_easy_init() else {
      throw CurlError(description: "libcurl has no memory.")
    }
    self.easy = easy
    self.allowsPrivateNetworks = allowsPrivateNetworks
    self.isThisHosts = isThisHosts
    CurlRequest.setManners(easy)
    let context = Unmanaged.passUnretained(self).toOpaque()
    sluice_curl_set_callbacks(
      easy, context,
      { bytes, size, count, context in
        CurlDownloader.at(context).take(body: bytes, count: size * count)
      },
      { bytes, size, count, context in
        CurlDownloader.at(context).take(header: bytes, count: size * count)
      }, nil)
    sluice_curl_set_open_socket(easy, context) { context, _, address in
      guard let address else { return CURL_SOCKET_BAD }
      return CurlDownloader.at(context).openSocket(address)
    }
  }

  deinit { sluice_curl_easy_cleanup(easy) }

  package func download(
    _ call: HTTPCall, to file: Int32?, atMost limit: Int, timeout: Double
  ) -> DownloadResult {
    state = State(file: file, limit: limit)
    let headerList = CurlRequest.headerList(call)
    defer { sluice_curl_list_free(headerList) }
    sluice_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headerList)
    sluice_curl_set_text(easy, CURLOPT_URL, call.url)
    sluice_curl_set_long(easy, CURLOPT_TIMEOUT_MS, max(Int(timeout * 1_000), 1))
    sluice_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, call.method)
    if call.method == "GET" {
      sluice_curl_set_long(easy, CURLOPT_HTTPGET, 1)
    } else {
      sluice_curl_set_long(easy, CURLOPT_POST, 1)
      sluice_curl_set_long(easy, CURLOPT_POSTFIELDSIZE, call.body.count)
      var body = call.body
      body.withUnsafeMutableBytes { buffer in
        _ = sluice_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, buffer.baseAddress)
      }
    }
    let code = sluice_curl_perform(easy)
    if state.isTooLarge { return .tooLarge }
    if state.hasLongHead { return .failed(reason: CurlHeaders.complaint) }
    if let errno = state.writeError {
      return .failed(reason: "the copy cannot be written: \(String(cString: strerror(errno)))")
    }
    guard code == CURLE_OK else {
      if let address = state.forbidden { return .forbidden(address) }
      return .failed(reason: String(cString: sluice_curl_strerror(code)))
    }
    return .answered(
      HTTPResponse(
        status: sluice_curl_status(easy), headers: state.headers.kept, body: state.body),
      written: state.written)
  }

  private static func at(_ context: UnsafeMutableRawPointer?) -> CurlDownloader {
    Unmanaged<CurlDownloader>.fromOpaque(context!).takeUnretainedValue()
  }

  private func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = sluice_curl_address(address, &bytes)
    guard let target = NetworkAddress(bytes.prefix(count)) else { return CURL_SOCKET_BAD }
    guard allowsPrivateNetworks || target.isPublic && !isThisHosts(target) else {
      state.forbidden = target
      return CURL_SOCKET_BAD
    }
    return socket(
      address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
      address.pointee.protocol)
  }

  /// - Returns: `count`; anything else makes libcurl give up.
  private func take(header bytes: UnsafeMutablePointer<CChar>?, count: Int) -> Int {
    guard let bytes else { return 0 }
    state.hasLongHead = !state.headers.take(bytes, count: count)
    return state.hasLongHead ? 0 : count
  }

  private func take(body bytes: UnsafeMutablePointer<CChar>?, count: Int) -> Int {
    guard let bytes else { return 0 }
    let chunk = UnsafeRawBufferPointer(start: bytes, count: count)
    guard let file = state.file, sluice_curl_status(easy) == 200 else {
      state.isTooLarge = state.body.count + count > Self.largestAnswer
      if !state.isTooLarge { state.body.append(contentsOf: chunk) }
      return state.isTooLarge ? 0 : count
    }
    state.isTooLarge = state.written + count > state.limit
    guard !state.isTooLarge, write(chunk, to: file) else { return 0 }
    state.written += count
    return count
  }

  private func write(_ chunk: UnsafeRawBufferPointer, to file: Int32) -> Bool {
    var sent = 0
    while sent < chunk.count {
      let count = Glibc.write(file, chunk.baseAddress! + sent, chunk.count - sent)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        state.writeError = errno
        return false
      }
      sent += count
    }
    return true
  }

  /// Bytes of an answer that is kept in memory.
  private static let largestAnswer = 1 << 20
}

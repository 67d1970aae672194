import SluiceCore

/// One fetch of media from its provider: at most a locator's call, the media's, and three redirects of
/// each, all before one deadline.
struct MediaFetch {
  let provider: any Provider
  let downloader: any Downloader
  let clocks: any Clocks
  let maximumBytes: Int
  /// Nanoseconds of `CLOCK_BOOTTIME`.
  let deadline: UInt64

  /// Writes the media to `file`, an empty one.
  func fetch(
    _ reference: String, to file: Int32
  ) throws(MediaFailure) -> (type: String?, size: Int64) {
    let call: HTTPCall
    switch provider.route(toMedia: reference) {
    case nil: throw .gone
    case .content(let content)?: call = content
    case .locator(let locator)?:
      let (answer, _) = try follow(locator, to: nil)
      guard let content = provider.call(fetchingMediaLocatedBy: answer) else { throw .gone }
      call = content
    }
    let (answer, written) = try follow(call, to: file)
    return (answer.header("content-type"), Int64(written))
  }

  /// - Returns: The answer that is no redirect, a 200, and the bytes that went into the file.
  private func follow(
    _ first: HTTPCall, to file: Int32?
  ) throws(MediaFailure) -> (HTTPResponse, written: Int) {
    var call = first
    for _ in 0...Self.mostRedirects {
      let (response, written) = try make(call, to: file)
      guard Redirect.isRedirect(response.status) else {
        if let failure = MediaFailure(response) { throw failure }
        return (response, written)
      }
      guard let next = Redirect.call(after: call, to: response.header("location")) else {
        throw .refused(reason: "the provider redirects to where we do not follow")
      }
      call = next
    }
    throw .refused(reason: "the provider redirects more than \(Self.mostRedirects) times")
  }

  private func make(
    _ call: HTTPCall, to file: Int32?
  ) throws(MediaFailure) -> (HTTPResponse, written: Int) {
    let now = clocks.boot
    guard now < deadline else {
      throw .unavailable(reason: "the fetch took longer than media.fetch_seconds", after: nil)
    }
    switch downloader.download(
      call, to: file, atMost: maximumBytes, timeout: Double(deadline - now) / 1e9)
    {
    case .answered(let response, let written): return (response, written)
    case .tooLarge: throw .tooLarge(limit: maximumBytes)
    case .forbidden(let address):
      throw .refused(
        reason: "\(address) is no public address of another host"
          + " (media.allow_private_networks would allow it)")
    case .failed(let reason): throw .unavailable(reason: reason, after: nil)
    }
  }

  private static let mostRedirects = 3
}

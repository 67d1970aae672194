import SluiceCore

/// Who gets as far as the sign-in page.
struct Gate: Sendable {
  let allowed: [NetworkBlock]

  /// This host, and whom `console.allow` lists. A request that says it was passed on comes from
  /// somewhere else, whatever the address: then only the list counts.
  func admits(_ request: HTTPRequest) -> Bool {
    guard let address = request.remoteAddress.flatMap(NetworkAddress.init(text:)) else {
      return false
    }
    if allowed.contains(where: { $0.holds(address) }) { return true }
    let isPassedOn = ["x-forwarded-for", "forwarded", "x-real-ip"].contains {
      request.headers[$0] != nil
    }
    return address.isLoopback && !isPassedOn
  }

  /// Whether a form was sent by a page of ours, as far as the browser says (Fetch Metadata).
  static func isSameOrigin(_ request: HTTPRequest) -> Bool {
    guard let site = request.headers["sec-fetch-site"] else { return true }
    return site == "same-origin"
  }
}

/// Slows down whoever tries passwords: five at once, then one every two seconds, over all processes.
/// Addresses share one of a few counts, so that nobody makes us remember many. Browsers in which somebody
/// has signed in before have counts of their own, so that nobody else can keep the operator out.
struct SignInThrottle: Sendable {
  let limiter: any RateLimiter
  let clocks: any Clocks

  /// - Parameter familiar: The browser's ID, if somebody has signed in with it before.
  /// - Returns: Seconds to wait before the next try; `nil` if this one may be looked at.
  func wait(for address: String, familiar: [UInt8]?) -> Int64? {
    let group =
      familiar.map { "known-\(Self.sum($0) % 4)" } ?? "\(Self.sum(address.utf8) % 16)"
    guard let name = ChannelName("console-sign-in-\(group)") else { return 1 }
    let now = clocks.boot
    switch limiter.reserve(
      .platform, of: name, bucket: Self.bucket, now: now, horizon: 4 * Self.bucket.interval)
    {
    case .slot: return nil
    case .wait(let until): return Int64((max(until, now) - now) / 1_000_000_000) + 1
    }
  }

  private static func sum(_ bytes: some Sequence<UInt8>) -> UInt8 {
    bytes.reduce(0) { $0 &* 31 &+ $1 }
  }

  private static let bucket = TokenBucket(interval: 2_000_000_000)
}

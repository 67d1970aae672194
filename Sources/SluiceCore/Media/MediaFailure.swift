/// Why media cannot be had at the provider.
package enum MediaFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// The provider no longer has it, or never had.
  case gone
  /// - Parameter limit: Bytes.
  case tooLarge(limit: Int)
  /// The provider, or where it sends us, is not to be followed; a person has to look into it.
  case refused(reason: String)
  /// For the moment. `after` seconds, if the provider said.
  case unavailable(reason: String, after: Double?)

  /// What became of a call, by its HTTP status; `nil` for 200.
  package init?(_ response: HTTPResponse) {
    switch response.status {
    case 200: return nil
    case 404, 410: self = .gone
    // LINE answers 202 while a video is being prepared.
    case 202, 408, 425, 429, 500...:
      self = .unavailable(
        reason: "the provider answered \(response.status)", after: response.retryAfter)
    default: self = .refused(reason: "the provider answered \(response.status)")
    }
  }

  /// For the log.
  package var description: String {
    switch self {
    case .gone: "the provider no longer has it"
    case .tooLarge(let limit): "it is larger than \(limit >> 20) MB (media.max_mb)"
    case .refused(let reason), .unavailable(let reason, _): reason
    }
  }

  /// Milliseconds for which nobody asks again, however often the link is followed.
  package var quiet: Int64 {
    switch self {
    case .gone, .tooLarge: 3_600_000
    case .refused: 300_000
    case .unavailable(_, let after):
      Int64(min(max((after ?? 0) * 1_000, 10_000), 3_600_000))
    }
  }

  /// The answer to whoever follows the link.
  /// - Parameter wait: Seconds that are left of ``quiet``.
  package func response(wait: Int64) -> HTTPResponse {
    switch self {
    case .gone: .error(410, "The media is no longer there.")
    case .tooLarge(let limit): .error(404, "The media is larger than \(limit >> 20) MB.")
    case .refused: .error(502, "The provider does not hand out the media.")
    case .unavailable:
      .error(
        503, "The provider does not hand out the media at the moment.",
        headers: [("retry-after", "\(max(wait, 1))")])
    }
  }

  package var json: JSON {
    switch self {
    case .gone: ["failure": "gone"]
    case .tooLarge(let limit): ["failure": "too_large", "limit": .integer(Int64(limit))]
    case .refused(let reason): ["failure": "refused", "reason": .string(reason)]
    case .unavailable(let reason, _): ["failure": "unavailable", "reason": .string(reason)]
    }
  }

  package init?(json: JSON) {
    let reason = json["reason"]?.string ?? "no reason given"
    switch json["failure"]?.string {
    case "gone": self = .gone
    case "too_large": self = .tooLarge(limit: Int(json["limit"]?.integer ?? 0))
    case "refused": self = .refused(reason: reason)
    case "unavailable": self = .unavailable(reason: reason, after: nil)
    default: return nil
    }
  }
}

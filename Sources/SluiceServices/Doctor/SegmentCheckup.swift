import SluiceCore

/// What it means where the shared segment is.
package enum SegmentCheckup {
  /// - Returns: `nil` where it is in the place that the settings say, or the usual one.
  package static func finding(_ place: SegmentPlace, usual: String) -> Finding? {
    guard place.hasMoved else { return nil }
    let why =
      place.stranger.map { "\(usual) belongs to user \($0)" }
      ?? "\(usual) belonged to another user once"
    return .warning(
      "segment", "\(why), so all programs share \(place.path), which may be slower.",
      remedy:
        "Set server.shared_memory to a path on a tmpfs in a directory of this user's own, such"
        + " as /run/user/UID/sluice-segment. Or have the other's file removed, stop all programs, and"
        + " delete \(place.path).")
  }
}

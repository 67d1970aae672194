import Synchronization

/// The segment that everyone uses now: the one we have mapped, unless somebody deleted or damaged it.
package final class CurrentSegment: Sendable {
  private let place: SegmentPlace
  private let stateDirectory: String
  private let isToRead: Bool
  private let kind: SegmentKind
  private let segment: Mutex<SharedSegment?>

  /// Maps the segment, making it where there is none.
  package init(path: String, stateDirectory: String, now: UInt64) throws(SegmentError) {
    let place = SegmentPlace(path, stateDirectory: stateDirectory)
    self.place = place
    self.stateDirectory = stateDirectory
    (isToRead, kind) = (false, .main)
    segment = Mutex(try Self.make(place, .main, stateDirectory: stateDirectory, now: now))
  }

  /// A segment to look at only, if there is one.
  package init(reading path: String, stateDirectory: String, kind: SegmentKind = .main) {
    place = SegmentPlace(path, stateDirectory: stateDirectory)
    self.stateDirectory = stateDirectory
    (isToRead, self.kind) = (true, kind)
    segment = Mutex(nil)
  }

  /// sluice-media's own, once the directory of the copies is there.
  package init(ofMediaIn stateDirectory: String) {
    place = SegmentPlace(
      SharedSegment.mediaPath(for: stateDirectory), stateDirectory: stateDirectory)
    self.stateDirectory = stateDirectory
    (isToRead, kind) = (false, .media)
    segment = Mutex(nil)
  }

  /// - Parameter now: Boot time, nanoseconds.
  /// - Returns: `nil` where there is none and none can be made.
  func get(now: UInt64) -> SharedSegment? {
    segment.withLock { segment in
      if let segment, segment.isCurrent { return segment }
      segment = try? open(now: now)
      return segment
    }
  }

  private func open(now: UInt64) throws(SegmentError) -> SharedSegment {
    isToRead
      ? try SharedSegment(
        reading: place.path, stateDirectory: stateDirectory, now: now, kind: kind)
      : try Self.make(place, kind, stateDirectory: stateDirectory, now: now)
  }

  private static func make(
    _ place: SegmentPlace, _ kind: SegmentKind, stateDirectory: String, now: UInt64
  ) throws(SegmentError) -> SharedSegment {
    try place.deciding { path throws(SegmentError) in
      try SharedSegment(path: path, stateDirectory: stateDirectory, now: now, kind: kind)
    }
  }
}

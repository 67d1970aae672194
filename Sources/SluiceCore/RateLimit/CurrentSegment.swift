import Synchronization

/// The segment that everyone uses now: the one we have mapped, unless somebody deleted or damaged it.
package final class CurrentSegment: Sendable {
  private let path: String
  private let stateDirectory: String
  private let isToRead: Bool
  private let kind: SegmentKind
  private let segment: Mutex<SharedSegment?>

  /// Maps the segment, making it where there is none.
  package init(path: String, stateDirectory: String, now: UInt64) throws(SegmentError) {
    self.path = path
    self.stateDirectory = stateDirectory
    (isToRead, kind) = (false, .main)
    segment = Mutex(try SharedSegment(path: path, stateDirectory: stateDirectory, now: now))
  }

  /// A segment to look at only, if there is one.
  package init(reading path: String, stateDirectory: String, kind: SegmentKind = .main) {
    self.path = path
    self.stateDirectory = stateDirectory
    (isToRead, self.kind) = (true, kind)
    segment = Mutex(nil)
  }

  /// sluice-media's own, once the directory of the copies is there.
  package init(ofMediaIn stateDirectory: String) {
    path = SharedSegment.mediaPath(for: stateDirectory)
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
      ? try SharedSegment(reading: path, stateDirectory: stateDirectory, now: now, kind: kind)
      : try SharedSegment(path: path, stateDirectory: stateDirectory, now: now, kind: kind)
  }
}

import Glibc
import SluiceTesting
import Synchronization
import Testing

@testable import SluiceCore

/// A place in `/dev/shm` that another user of the host takes. Giving a file to somebody else needs root.
@Suite(.enabled(if: geteuid() == 0)) struct SegmentPlaceTests {
  /// The state directory and the usual place of an installation.
  private final class Bench: Sendable {
    let directory = TemporaryDirectory()
    var usual: String { SharedSegment.defaultPath(for: directory.path) }
    var refuge: String { directory.path + "/segment" }
    var place: SegmentPlace { SegmentPlace(usual, stateDirectory: directory.path) }

    deinit { unlink(usual) }

    /// Puts a stranger's file, all at once, where nobody has one.
    func squat() throws {
      let draft = "\(usual).stranger"
      close(open(draft, O_RDWR | O_CREAT, 0o666))
      chown(draft, 65_534, 65_534)
      link(draft, usual)
      unlink(draft)
    }

    /// Takes it away again; what is ours stays, as it does where others may only delete their own.
    func leave() { if place.stranger != nil { unlink(usual) } }

    func segment(now: UInt64 = 1) throws -> SharedSegment {
      try #require(
        try CurrentSegment(path: usual, stateDirectory: directory.path, now: now).get(now: now))
    }

    func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }
  }

  @Test func staysWhereItIsUsually() throws {
    let bench = Bench()
    #expect(try bench.segment(now: 7).birth == 7)
    #expect(try bench.segment(now: 9).birth == 7)
    #expect(bench.place.path == bench.usual && !bench.place.hasMoved)
    #expect(!bench.isThere(bench.refuge))
  }

  @Test("a stranger keeps nobody from running, and going away parts nobody")
  func givesWay() throws {
    let bench = Bench()
    try bench.squat()
    #expect(bench.place.stranger == 65_534)
    let first = try bench.segment(now: 7)
    #expect(bench.place.path == bench.refuge && bench.place.hasMoved)
    #expect(try bench.segment(now: 8).birth == first.birth)
    bench.leave()
    #expect(!bench.isThere(bench.usual))
    #expect(try bench.segment(now: 9).birth == first.birth)
    let reader = CurrentSegment(reading: bench.usual, stateDirectory: bench.directory.path)
    #expect(reader.get(now: 10)?.birth == first.birth)
    #expect(bench.place.stranger == nil && bench.place.hasMoved)
    // Until an operator says otherwise.
    unlink(bench.refuge)
    #expect(!first.isCurrent)
    #expect(try bench.segment(now: 11).birth == 11)
    #expect(bench.isThere(bench.usual) && !bench.isThere(bench.refuge))
  }

  @Test func aPathOfTheSettingsIsNotLeft() throws {
    let directory = TemporaryDirectory()
    let path = directory.write("", to: "taken")
    chown(path, 65_534, 65_534)
    #expect(SegmentPlace(path, stateDirectory: directory.path).path == path)
    #expect(throws: SegmentError.foreignOwner(path, uid: 65_534)) {
      try CurrentSegment(path: path, stateDirectory: directory.path, now: 1)
    }
  }

  /// The law: whoever comes and goes meanwhile, all programs share one segment.
  @Test(arguments: 0..<20)
  func allDecideAlike(round: Int) throws {
    let bench = Bench()
    let births = Mutex<Set<UInt64>>([])
    let segments = Mutex<[SharedSegment]>([])
    let errors = concurrently(threads: 8) { number in
      guard number == 0 else {
        let segment = try bench.segment(now: UInt64(number + 1))
        births.withLock { _ = $0.insert(segment.birth) }
        segments.withLock { $0.append(segment) }
        return
      }
      for _ in 0..<20 {
        try bench.squat()
        bench.leave()
      }
    }
    #expect(errors.isEmpty)
    #expect(births.withLock { $0.count } == 1)
    #expect(segments.withLock { $0.allSatisfy(\.isCurrent) })
  }
}

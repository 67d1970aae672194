import Foundation
import SluiceCore
import SluiceTesting
import Synchronization
import Testing

struct SharedSegmentTests {
  private let directory = TemporaryDirectory()
  private let channel = ChannelName("sms")!
  private var path: String { directory.path + "/segment" }

  private func buckets(
    _ clocks: any Clocks = ManualClocks(), state: String = "/var/lib/sluice"
  ) throws -> SharedBuckets {
    SharedBuckets(try segment(clocks, state: state))
  }

  private func segment(
    _ clocks: any Clocks, state: String = "/var/lib/sluice"
  ) throws -> CurrentSegment {
    try CurrentSegment(path: path, stateDirectory: state, now: clocks.boot)
  }

  private func open(_ state: String = "/var/lib/sluice") -> Result<UInt64, SegmentError> {
    Result { () throws(SegmentError) in
      try SharedSegment(path: path, stateDirectory: state, now: 5_000_000_000).birth
    }
  }

  @Test("made once, with mode 0600, and found again")
  func isMadeOnce() throws {
    _ = try SharedSegment(path: path, stateDirectory: "/a", now: 7)
    #expect(try SharedSegment(path: path, stateDirectory: "/a", now: 9).birth == 7)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test("who looked at the clock before it was made takes it all the same")
  func mayBeYounger() throws {
    let made = try SharedSegment(path: path, stateDirectory: "/a", now: 7)
    #expect(try SharedSegment(path: path, stateDirectory: "/a", now: 6).birth == 7)
    #expect(made.isCurrent)
  }

  @Test("what is not ours is refused, with a sentence")
  func refusesStrangers() throws {
    _ = try buckets()
    #expect(open("/srv/other") == .failure(.belongsToOther(path)))
    chmod(path, 0o666)
    #expect(open() == .failure(.tooOpen(path, mode: 0o666)))
    unlink(path)
    mkdir(path, 0o700)
    #expect(throws: SegmentError.self) { try open().get() }
    rmdir(path)
    symlink("/etc/passwd", path)
    #expect(open() == .failure(.cannotOpen(path, errno: ELOOP)))
  }

  @Test("another layout, an earlier boot or a cut file is replaced", arguments: [0, 8, 16, 24])
  func replacesOld(damagedWord offset: Int) throws {
    _ = try SharedSegment(path: path, stateDirectory: "/a", now: 7)
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    try file.seek(toOffset: UInt64(offset))
    file.write(Data(repeating: 0xFF, count: 8))
    try file.close()
    #expect(try SharedSegment(path: path, stateDirectory: "/a", now: 9).birth == 9)
    truncate(path, 100)
    #expect(try SharedSegment(path: path, stateDirectory: "/a", now: 10).birth == 10)
  }

  @Test("a deleted segment is made anew, and admits nothing for its first second")
  func survivesDeletion() throws {
    let clocks = ManualClocks()
    let buckets = try buckets(clocks)
    clocks.advance(milliseconds: 1_000)
    let bucket = TokenBucket(limitPerSecond: 20)
    #expect(reserve(buckets, bucket, clocks) == .slot(clocks.boot))
    unlink(path)
    #expect(reserve(buckets, bucket, clocks) == .wait(until: clocks.boot + 1_000_000_000))
    clocks.advance(milliseconds: 1_000)
    #expect(reserve(buckets, bucket, clocks) == .slot(clocks.boot))
    // Another process finds the new one.
    #expect(
      reserve(try self.buckets(clocks), bucket, clocks)
        == .wait(until: clocks.boot + bucket.interval))
  }

  @Test(
    "a segment that is cut short or written over while in use is made anew", arguments: [0, 100])
  func survivesOverwriting(keeping bytes: Int) throws {
    let clocks = ManualClocks()
    let buckets = try buckets(clocks)
    clocks.advance(milliseconds: 1_000)
    let bucket = TokenBucket(limitPerSecond: 20)
    #expect(reserve(buckets, bucket, clocks) == .slot(clocks.boot))
    let size = try #require(
      try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    truncate(path, off_t(bytes))
    if bytes == 0 { truncate(path, off_t(size)) }  // All of it is zero now.
    #expect(reserve(buckets, bucket, clocks) == .wait(until: clocks.boot + 1_000_000_000))
    clocks.advance(milliseconds: 1_000)
    #expect(reserve(buckets, bucket, clocks) == .slot(clocks.boot))
  }

  @Test("a hold stops everyone, the later of two wins, and none lasts longer than an hour")
  func holds() throws {
    let clocks = ManualClocks()
    let buckets = try buckets(clocks)
    clocks.advance(milliseconds: 1_000)
    let now = clocks.boot
    let bucket = TokenBucket.unlimited
    buckets.hold(.platform, of: channel, until: now + 5_000_000_000, now: now)
    buckets.hold(.platform, of: channel, until: now + 1_000_000_000, now: now)
    #expect(reserve(buckets, bucket, clocks) == .wait(until: now + 5_000_000_000))
    clocks.advance(milliseconds: 5_000)
    #expect(reserve(buckets, bucket, clocks) == .slot(clocks.boot))
    buckets.hold(.platform, of: channel, until: .max / 2, now: clocks.boot)
    #expect(reserve(buckets, bucket, clocks) == .wait(until: clocks.boot + 3_600_000_000_000))
  }

  @Test(
    "damaged words cost at most a second's pause", arguments: [UInt64.max, UInt64.max / 2, 1 << 60])
  func survivesDamage(word: UInt64) throws {
    let clocks = ManualClocks()
    let buckets = try buckets(clocks)
    clocks.advance(milliseconds: 1_000)
    let bucket = TokenBucket(limitPerSecond: 20)
    _ = reserve(buckets, bucket, clocks)
    // The line is the only one in use: damage every word of the table but the keys.
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    let bytes = [UInt8](try #require(try file.readToEnd()))
    for line in stride(from: 4_096, to: 4_096 + (64 << 16), by: 64)
    where bytes[line..<line + 8].contains(where: { $0 != 0 }) {
      for offset in [8, 16] {
        try file.seek(toOffset: UInt64(line + offset))
        file.write(withUnsafeBytes(of: word) { Data($0) })
      }
    }
    clocks.advance(milliseconds: 2_000)
    guard case .wait(let until) = reserve(buckets, bucket, clocks) else { return }
    #expect(until <= clocks.boot + 1_000_000_000)
  }

  @Test("ten thousand channels have a bucket each")
  func holdsTenThousand() throws {
    let clocks = ManualClocks()
    let buckets = try buckets(clocks)
    clocks.advance(milliseconds: 1_000)
    let bucket = TokenBucket(limitPerSecond: 1)
    for round in 0..<2 {
      var admitted = 0
      for number in 0..<10_000 {
        for destination in [Destination.platform, .provider] {
          let reservation = buckets.reserve(
            destination, of: ChannelName("channel-\(number)")!, bucket: bucket, now: clocks.boot,
            horizon: 0)
          if case .slot = reservation { admitted += 1 }
        }
      }
      #expect(admitted == (round == 0 ? 20_000 : 0))
    }
  }

  @Test("threads that share a bucket never meet in one slot")
  func isExact() throws {
    let clocks = ManualClocks()
    let path = path
    _ = try buckets(clocks)
    clocks.advance(milliseconds: 1_000)
    let bucket = TokenBucket(limitPerSecond: 1_000)
    let slots = Mutex<[UInt64]>([])
    let failures = concurrently(threads: 4) { _ in
      let buckets = SharedBuckets(
        try CurrentSegment(
          path: path, stateDirectory: "/var/lib/sluice", now: clocks.boot))
      var mine: [UInt64] = []
      for _ in 0..<5_000 {
        guard
          case .slot(let slot) = buckets.reserve(
            .platform, of: ChannelName("sms")!, bucket: bucket, now: clocks.boot,
            horizon: 100_000_000_000)
        else { continue }
        mine.append(slot)
      }
      slots.withLock { $0 += mine }
    }
    #expect(failures.isEmpty)
    let sorted = slots.withLock { $0.sorted() }
    #expect(sorted.count == 20_000)
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 >= bucket.interval })
  }

  private func reserve(
    _ buckets: SharedBuckets, _ bucket: TokenBucket, _ clocks: any Clocks
  ) -> Reservation {
    buckets.reserve(.platform, of: channel, bucket: bucket, now: clocks.boot, horizon: 0)
  }
}

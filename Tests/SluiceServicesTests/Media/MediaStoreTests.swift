import Glibc
import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServices

struct MediaStoreTests {
  /// Puts a copy there, as a fetch does, that was last wanted so many minutes ago.
  private func put(
    _ id: String, bytes: Int, minutesAgo: Int64, in store: MediaStore, now: Int64
  ) throws {
    let claim = try store.claim(id)
    #expect(ftruncate(claim.descriptor, off_t(bytes)) == 0)
    try claim.publish(type: nil, size: Int64(bytes))
    age(store.path(id), minutes: minutesAgo, now: now)
    age(store.notePath(id), minutes: minutesAgo, now: now)
  }

  private func age(_ path: String, minutes: Int64, now: Int64) {
    let time = timespec(tv_sec: Int(now / 1_000 - minutes * 60), tv_nsec: 0)
    #expect(utimensat(AT_FDCWD, path, [time, time], 0) == 0)
  }

  private func names(_ bench: MediaBench) -> Set<String> {
    Set(["a", "b", "c", "d"].filter { access(bench.store.path($0), F_OK) == 0 })
  }

  @Test func sweepsWhatNobodyWantsAnyMore() throws {
    let bench = try MediaBench("keep_hours = 1")
    let (store, now) = (bench.store, bench.clocks.wall)
    try put("a", bytes: 10, minutesAgo: 61, in: store, now: now)
    try put("b", bytes: 10, minutesAgo: 59, in: store, now: now)
    try put("c", bytes: 10, minutesAgo: 61, in: store, now: now)
    store.touch("c", now: now)
    #expect(store.sweep(bench.settings.media, now: now) == 1)
    #expect(names(bench) == ["b", "c"])
    #expect(access(store.notePath("a"), F_OK) != 0)
    #expect(store.note("c", now: now) == .copied(type: nil, size: 10))
  }

  @Test("over the quota, what was wanted longest ago goes first, and what is wanted now never")
  func keepsTheQuota() throws {
    let bench = try MediaBench("max_mb = 1\nquota_mb = 1")
    let (store, now) = (bench.store, bench.clocks.wall)
    let half = 512 << 10
    try put("a", bytes: half, minutesAgo: 5, in: store, now: now)
    try put("b", bytes: half, minutesAgo: 10, in: store, now: now)
    try put("c", bytes: half, minutesAgo: 2, in: store, now: now)
    store.sweep(bench.settings.media, now: now)
    #expect(names(bench) == ["a", "c"])
    try put("b", bytes: half * 3, minutesAgo: 0, in: store, now: now)
    store.sweep(bench.settings.media, now: now)
    #expect(names(bench) == ["b"])
  }

  @Test("touching keeps the time by which downloads are resumed")
  func touchesOneTimeOnly() throws {
    let bench = try MediaBench()
    try put("a", bytes: 1, minutesAgo: 60, in: bench.store, now: bench.clocks.wall)
    bench.store.touch("a", now: bench.clocks.wall)
    var status = stat()
    #expect(stat(bench.store.path("a"), &status) == 0)
    #expect(Int64(status.st_mtim.tv_sec) == bench.clocks.wall / 1_000 - 3_600)
    #expect(Int64(status.st_atim.tv_sec) == bench.clocks.wall / 1_000)
  }

  @Test func sweepsNotesAndRemains() throws {
    let bench = try MediaBench()
    let (store, now) = (bench.store, bench.clocks.wall)
    do {
      let claim = try store.claim("a")
      try claim.fail(.gone, now: now)
    }
    bench.directory.write("half", to: "state/media/b.part")
    bench.directory.write("half", to: "state/media/c.part")
    for name in ["a.note", "b.part", "c.part"] { age(store.path(name), minutes: 2, now: now) }
    let held = open(store.partPath("c"), O_RDWR)
    #expect(flock(held, LOCK_EX) == 0)
    store.sweep(bench.settings.media, now: now)
    #expect(access(store.notePath("a"), F_OK) == 0, "the failure still counts")
    #expect(access(store.partPath("b"), F_OK) != 0)
    #expect(access(store.partPath("c"), F_OK) == 0, "somebody fetches it")
    store.sweep(bench.settings.media, now: now + 3_600_000)
    #expect(access(store.notePath("a"), F_OK) != 0)
    close(held)
  }

  @Test("one claim at a time, whatever becomes of it")
  func claimsExclude() throws {
    let bench = try MediaBench()
    let store = bench.store
    let rounds = 50
    let errors = concurrently(threads: 4) { number in
      for round in 0..<rounds {
        let claim = try store.claim("a")
        var status = stat()
        guard fstat(claim.descriptor, &status) == 0, status.st_size == 0 else {
          throw Overlap(description: "the file is not ours alone")
        }
        guard write(claim.descriptor, "x", 1) == 1 else { throw Overlap(description: "write") }
        switch (number + round) % 3 {
        case 0: try claim.publish(type: nil, size: 1)
        case 1: try claim.fail(.gone, now: 0)
        default: break
        }
        // Others may only have waited until now.
        guard fstat(claim.descriptor, &status) == 0, status.st_size == 1 else {
          throw Overlap(description: "somebody else wrote into it")
        }
      }
    }
    #expect(errors.isEmpty)
    #expect(access(store.partPath("a"), F_OK) != 0)
  }

  private struct Overlap: Error, CustomStringConvertible { let description: String }

  @Test func makesOneKeyForAll() throws {
    let bench = try MediaBench()
    let errors = concurrently(threads: 8) { _ in
      _ = try MediaKey.findOrMake(bench.settings)
    }
    #expect(errors.isEmpty)
    let path = bench.settings.server.stateDirectory + "/media.key"
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600 && status.st_size == 32)
    #expect(try MediaKey.find(bench.settings)?.bytes == File.read(path, atMost: 100))
    let other = try MediaBench()
    #expect(try MediaKey.findOrMake(other.settings).bytes != File.read(path, atMost: 100))
  }

  @Test func takesTheSettingsKey() throws {
    let directory = TemporaryDirectory()
    let path = directory.write("an-old-key-of-thirty-two-bytes-or-more\n", to: "key")
    let bench = try MediaBench("key = \"file:\(path)\"")
    #expect(
      try MediaKey.findOrMake(bench.settings).exposed == "an-old-key-of-thirty-two-bytes-or-more")
    #expect(access(bench.settings.server.stateDirectory + "/media.key", F_OK) != 0)
  }

  @Test func refusesAKeyThatIsCutShort() throws {
    let bench = try MediaBench()
    bench.directory.write("short", to: "state/media.key")
    #expect(throws: FileError.self) { try MediaKey.findOrMake(bench.settings) }
  }
}

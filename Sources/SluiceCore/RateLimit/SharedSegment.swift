import Glibc
import Synchronization

/// Memory that all processes of the host share: a file on a tmpfs, mapped. It holds one line of
/// eight 64-bit words per channel and destination, and nothing in it spans more than one word, so
/// a process killed at any point leaves nothing half done. It may be deleted at any time: whoever
/// uses it next makes a fresh one, which admits nothing for its first second (``birth``).
///
/// The file carries a layout version in its name and header, the boot it belongs to (boot time
/// starts again after a reboot, a file may not), and the state directory it serves.
package final class SharedSegment: Sendable {
  /// Lines; twice what 10,000 channels need, so that probing stays short.
  package static let lines = 1 << 15
  static let layoutVersion: UInt64 = 1
  static let wordsPerLine = 8
  private static let magic: UInt64 = 0x534C_5549_4345_3031  // "SLUICE01"
  private static let headerBytes = 4_096
  private static let bytes = headerBytes + lines * wordsPerLine * 8

  private nonisolated(unsafe) let base: UnsafeMutableRawPointer  // Words are only used as atomics.
  private let descriptor: Int32
  private let identity: UInt64

  /// Boot time at which the segment was made, nanoseconds.
  package let birth: UInt64

  /// Where the segment of a state directory lies unless the settings say otherwise.
  package static func defaultPath(for stateDirectory: String) -> String {
    "/dev/shm/sluice-\(geteuid())-\(String(fnv1a(stateDirectory.utf8), radix: 36))-v\(layoutVersion)"
  }

  /// Maps the segment at `path`, making it if it is missing, of another layout, or of an earlier
  /// boot.
  /// - Parameter now: Boot time, nanoseconds.
  package init(path: String, stateDirectory: String, now: UInt64) throws(SegmentError) {
    let identity = Self.fnv1a(stateDirectory.utf8)
    let boot = Self.bootIdentity()
    // A few rounds: others may make or delete it between our steps.
    for _ in 0..<8 {
      let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
      if descriptor < 0 {
        guard errno == ENOENT else { throw .cannotOpen(path, errno: errno) }
        try Self.make(path, identity: identity, boot: boot, now: now)
        continue
      }
      do throws(SegmentError) {
        let isUsable = try Self.inspect(descriptor, path: path)
        guard isUsable, let base = Self.map(descriptor) else {
          close(descriptor)
          unlink(path)
          continue
        }
        let header = Words(base: base)
        let birth = header[.birth].load(ordering: .relaxed)
        guard header[.magic].load(ordering: .relaxed) == Self.magic,
          header[.version].load(ordering: .relaxed) == Self.layoutVersion,
          header[.boot].load(ordering: .relaxed) == boot, birth <= now
        else {
          munmap(base, Self.bytes)
          close(descriptor)
          unlink(path)
          continue
        }
        guard header[.identity].load(ordering: .relaxed) == identity else {
          munmap(base, Self.bytes)
          throw .belongsToOther(path)
        }
        self.base = base
        self.descriptor = descriptor
        self.identity = identity
        self.birth = birth
        return
      } catch {
        close(descriptor)
        throw error
      }
    }
    throw .unstable(path)
  }

  deinit {
    munmap(base, Self.bytes)
    close(descriptor)
  }

  /// Whether the file is still the one others will open: not deleted, not cut short, not written
  /// over. Asked before each use: whoever touches a page that was cut off is killed (SIGBUS).
  package var isCurrent: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0 && status.st_size == Self.bytes
      && header[.magic].load(ordering: .relaxed) == Self.magic
      && header[.identity].load(ordering: .relaxed) == identity
      && header[.birth].load(ordering: .relaxed) == birth
  }

  /// The line of `key`, claimed if it is new; all keys that no longer fit share the last one, which
  /// makes them wait for each other, never exceed their limits.
  func line(for key: UInt64) -> Line {
    let key = key == 0 ? 1 : key
    let mask = UInt64(Self.lines - 1)
    var index = key & mask
    for _ in 0..<128 {
      let line = Line(base: base + Self.headerBytes + Int(index) * Self.wordsPerLine * 8)
      let held = line[.key].load(ordering: .acquiring)
      if held == key { return line }
      if held == 0 {
        let claim = line[.key].compareExchange(
          expected: 0, desired: key, ordering: .acquiringAndReleasing)
        if claim.exchanged || claim.original == key { return line }
      }
      index = (index + 1) & mask
    }
    return Line(base: base + Self.headerBytes + (Self.lines - 1) * Self.wordsPerLine * 8)
  }

  /// FNV-1a, 64 bits: stable between processes, which Swift's own hashing is not.
  package static func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  private var header: Words { Words(base: base) }

  private static func inspect(_ descriptor: Int32, path: String) throws(SegmentError) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .cannotOpen(path, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
    guard status.st_uid == geteuid() else { throw .foreignOwner(path, uid: status.st_uid) }
    guard status.st_mode & 0o077 == 0 else { throw .tooOpen(path, mode: status.st_mode & 0o777) }
    return status.st_nlink == 1 && status.st_size == bytes
  }

  private static func map(_ descriptor: Int32) -> UnsafeMutableRawPointer? {
    let base = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    return base == MAP_FAILED ? nil : base
  }

  /// Makes the file complete under another name first: nobody ever sees half a header.
  private static func make(
    _ path: String, identity: UInt64, boot: UInt64, now: UInt64
  ) throws(SegmentError) {
    let draft = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
    let descriptor = open(draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .cannotOpen(draft, errno: errno) }
    defer {
      close(descriptor)
      unlink(draft)
    }
    // The umask may only have taken bits away; sparse until used, so 2 MB cost what is touched.
    guard fchmod(descriptor, 0o600) == 0, ftruncate(descriptor, off_t(bytes)) == 0,
      let base = map(descriptor)
    else { throw .cannotOpen(draft, errno: errno) }
    defer { munmap(base, bytes) }
    let header = Words(base: base)
    header[.version].store(layoutVersion, ordering: .relaxed)
    header[.boot].store(boot, ordering: .relaxed)
    header[.birth].store(now, ordering: .relaxed)
    header[.identity].store(identity, ordering: .relaxed)
    header[.magic].store(magic, ordering: .relaxed)
    // Fails if somebody else was faster; then theirs is as good.
    guard link(draft, path) == 0 || errno == EEXIST else { throw .cannotOpen(path, errno: errno) }
  }

  private static func bootIdentity() -> UInt64 {
    let id = try? File.read("/proc/sys/kernel/random/boot_id", atMost: 128)
    return fnv1a(id ?? [])
  }
}

extension SharedSegment {
  /// The header's words.
  private struct Words {
    enum Place: Int { case magic, version, boot, birth, identity }

    let base: UnsafeMutableRawPointer

    subscript(place: Place) -> Atomic<UInt64> {
      _read { yield atomic(base, place.rawValue).pointee }
    }
  }

  /// One key's words.
  struct Line {
    /// `next`: when the next slot is free (``TokenBucket``). `held`: nobody calls before.
    enum Place: Int { case key, next, held, breaker, counters }

    let base: UnsafeMutableRawPointer

    subscript(place: Place) -> Atomic<UInt64> {
      _read { yield atomic(base, place.rawValue).pointee }
    }

    subscript(event: CountedEvent) -> Atomic<UInt64> {
      _read { yield atomic(base, Place.counters.rawValue + event.rawValue).pointee }
    }
  }
}

/// A word of the mapping. The compiler emits the same locked instruction for it as for any other
/// atomic, so it holds between processes as between threads.
private func atomic(
  _ base: UnsafeMutableRawPointer, _ index: Int
) -> UnsafeMutablePointer<Atomic<UInt64>> {
  (base + index * 8).assumingMemoryBound(to: Atomic<UInt64>.self)
}

package enum SegmentError: Error, Equatable, CustomStringConvertible {
  case cannotOpen(String, errno: Int32)
  case notAFile(String)
  case foreignOwner(String, uid: UInt32)
  case tooOpen(String, mode: UInt32)
  case belongsToOther(String)
  case unstable(String)

  package var description: String {
    switch self {
    case .cannotOpen(let path, let errno):
      "The shared segment \(path) cannot be opened: \(String(cString: strerror(errno)))."
        + " Set server.shared_memory to a path on a tmpfs that this user may write."
    case .notAFile(let path):
      "The shared segment \(path) is not a regular file. Remove it, or set server.shared_memory."
    case .foreignOwner(let path, let uid):
      "The shared segment \(path) belongs to user \(uid). Run all programs as one user, or set"
        + " server.shared_memory to a path of this user's own."
    case .tooOpen(let path, let mode):
      "The shared segment \(path) has mode 0\(String(mode, radix: 8)), so others could change it."
        + " Delete it; a fresh one is made."
    case .belongsToOther(let path):
      "The shared segment \(path) serves another state_dir. Set server.shared_memory to a path of"
        + " this installation's own."
    case .unstable(let path):
      "The shared segment \(path) keeps being replaced. Do two versions of these programs run with"
        + " one server.shared_memory? Stop one, or give it a path of its own."
    }
  }
}

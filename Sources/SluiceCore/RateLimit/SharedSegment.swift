import Glibc

/// Memory that all processes of the host share: a file on a tmpfs, mapped (``SegmentLayout`` says what
/// lies where). Nothing in it that matters spans more than one 64-bit word, so a process killed at any
/// point leaves nothing half done. It may be deleted at any time: whoever uses it next makes a fresh
/// one, which admits nothing for its first second (``birth``) and counts from zero.
///
/// The file carries a layout version in its name and header, the boot it belongs to (boot time
/// starts again after a reboot, a file may not), and the state directory it serves.
package final class SharedSegment: Sendable {
  private static let magic: UInt64 = 0x534C_5549_4345_3031  // "SLUICE01"

  nonisolated(unsafe) let base: UnsafeMutableRawPointer  // Words are only used as atomics.
  private let descriptor: Int32
  private let identity: UInt64
  let kind: SegmentKind

  /// Boot time at which the segment was made, nanoseconds.
  package let birth: UInt64

  /// Where the segment of a state directory lies unless the settings say otherwise.
  package static func defaultPath(for stateDirectory: String) -> String {
    "/dev/shm/sluice-\(geteuid())-\(String(fnv1a(stateDirectory.utf8), radix: 36))"
      + "-v\(SegmentLayout.version)"
  }

  /// Where sluice-media keeps its own: it may write there only. On a disk, so that it outlives a boot
  /// and is then replaced; hidden, so that nobody takes it for a copy of media.
  package static func mediaPath(for stateDirectory: String) -> String {
    stateDirectory + "/media/.meters"
  }

  /// Maps the segment at `path`, making it if it is missing, of another layout, or of an earlier
  /// boot.
  /// - Parameter now: Boot time, nanoseconds.
  package init(
    path: String, stateDirectory: String, now: UInt64, kind: SegmentKind = .main
  ) throws(SegmentError) {
    let identity = Self.fnv1a(stateDirectory.utf8)
    // A few rounds: others may make or delete it between our steps.
    for _ in 0..<8 {
      let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
      if descriptor < 0 {
        guard errno == ENOENT else { throw .cannotOpen(path, errno: errno) }
        try Self.make(path, kind, identity: identity, now: now)
        continue
      }
      if let mapped = try Self.attach(
        descriptor, kind, path: path, identity: identity, now: now,
        protection: PROT_READ | PROT_WRITE)
      {
        (base, birth) = mapped
        (self.descriptor, self.identity, self.kind) = (descriptor, identity, kind)
        return
      }
      unlink(path)
    }
    throw .unstable(path)
  }

  /// Maps the segment that others use, to look at: it is neither made nor changed, and root may look
  /// at anybody's.
  package init(
    reading path: String, stateDirectory: String, now: UInt64, kind: SegmentKind = .main
  ) throws(SegmentError) {
    let identity = Self.fnv1a(stateDirectory.utf8)
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotOpen(path, errno: errno) }
    let mapped = try Self.attach(
      descriptor, kind, path: path, identity: identity, now: now, protection: PROT_READ)
    guard let mapped else { throw .outdated(path) }
    (base, birth) = mapped
    (self.descriptor, self.identity, self.kind) = (descriptor, identity, kind)
  }

  deinit {
    munmap(base, SegmentLayout.bytes(kind))
    close(descriptor)
  }

  /// Whether the file is still the one others will open: not deleted, not cut short, not written
  /// over. Asked before each use: whoever touches a page that was cut off is killed (SIGBUS).
  package var isCurrent: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
      && status.st_size == SegmentLayout.bytes(kind)
      && header(.magic).value == Self.magic
      && header(.identity).value == identity
      && header(.birth).value == birth
  }

  /// Nanoseconds by which a segment may be younger than whoever opens it: they looked at the clock
  /// before they waited for whoever made it.
  private static let patience: UInt64 = 10_000_000_000

  /// FNV-1a, 64 bits: stable between processes, which Swift's own hashing is not.
  /// - Parameter start: The hash of what comes before.
  package static func fnv1a(
    _ bytes: some Sequence<UInt8>, after start: UInt64 = 0xcbf2_9ce4_8422_2325
  ) -> UInt64 {
    bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Takes over the descriptor: it is closed unless what it stands for is returned.
  /// - Returns: `nil` for a file of another layout or an earlier boot.
  private static func attach(
    _ descriptor: Int32, _ kind: SegmentKind, path: String, identity: UInt64, now: UInt64,
    protection: Int32
  ) throws(SegmentError) -> (base: UnsafeMutableRawPointer, birth: UInt64)? {
    var isOurs = false
    defer { if !isOurs { close(descriptor) } }
    guard try inspect(descriptor, kind, path: path, isToRead: protection == PROT_READ),
      let base = map(descriptor, kind, protection)
    else { return nil }
    defer { if !isOurs { munmap(base, SegmentLayout.bytes(kind)) } }
    func header(_ place: SegmentLayout.Header) -> UInt64 {
      SharedWord(base, place.rawValue).value
    }
    let birth = header(.birth)
    guard header(.magic) == magic, header(.version) == SegmentLayout.version,
      header(.boot) == bootIdentity(), birth <= now + patience
    else { return nil }
    guard header(.identity) == identity else { throw .belongsToOther(path) }
    isOurs = true
    return (base, birth)
  }

  private static func inspect(
    _ descriptor: Int32, _ kind: SegmentKind, path: String, isToRead: Bool
  ) throws(SegmentError) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .cannotOpen(path, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path) }
    guard status.st_uid == geteuid() || isToRead && geteuid() == 0 else {
      throw .foreignOwner(path, uid: status.st_uid)
    }
    guard status.st_mode & 0o077 == 0 else { throw .tooOpen(path, mode: status.st_mode & 0o777) }
    return status.st_nlink == 1 && status.st_size == SegmentLayout.bytes(kind)
  }

  private static func map(
    _ descriptor: Int32, _ kind: SegmentKind, _ protection: Int32
  ) -> UnsafeMutableRawPointer? {
    let base = mmap(nil, SegmentLayout.bytes(kind), protection, MAP_SHARED, descriptor, 0)
    return base == MAP_FAILED ? nil : base
  }

  /// Makes the file complete under another name first: nobody ever sees half a header.
  private static func make(
    _ path: String, _ kind: SegmentKind, identity: UInt64, now: UInt64
  ) throws(SegmentError) {
    let draft = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
    let descriptor = open(draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .cannotOpen(draft, errno: errno) }
    defer {
      close(descriptor)
      unlink(draft)
    }
    // The umask may only have taken bits away.
    guard fchmod(descriptor, 0o600) == 0, size(descriptor, kind),
      let base = map(descriptor, kind, PROT_READ | PROT_WRITE)
    else { throw .cannotOpen(draft, errno: errno) }
    defer { munmap(base, SegmentLayout.bytes(kind)) }
    let values: [(SegmentLayout.Header, UInt64)] = [
      (.version, SegmentLayout.version), (.boot, bootIdentity()), (.birth, now),
      (.identity, identity), (.magic, magic),
    ]
    for (place, value) in values {
      SharedWord(base, place.rawValue).set(value)
    }
    // Fails if somebody else was faster; then theirs is as good.
    guard link(draft, path) == 0 || errno == EEXIST else { throw .cannotOpen(path, errno: errno) }
  }

  private static func size(_ descriptor: Int32, _ kind: SegmentKind) -> Bool {
    let bytes = off_t(SegmentLayout.bytes(kind))
    switch kind {
    // Sparse until used, so that it costs what is touched.
    case .main: return ftruncate(descriptor, bytes) == 0
    // On a disk that may get full: whoever then touches a page that was never written is killed.
    case .media:
      errno = posix_fallocate(descriptor, 0, bytes)
      return errno == 0
    }
  }

  /// Which boot of the host this is, as a number.
  static func bootIdentity() -> UInt64 {
    let id = try? File.read("/proc/sys/kernel/random/boot_id", atMost: 128)
    return fnv1a(id ?? [])
  }
}

package enum SegmentError: Error, Equatable, CustomStringConvertible {
  case cannotOpen(String, errno: Int32)
  case notAFile(String)
  case foreignOwner(String, uid: UInt32)
  case tooOpen(String, mode: UInt32)
  case belongsToOther(String)
  case unstable(String)
  case outdated(String)

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
    case .outdated(let path):
      "The shared segment \(path) has another size or version than these programs make, or is of"
        + " before the host was started. The next program that starts makes a fresh one."
    }
  }
}

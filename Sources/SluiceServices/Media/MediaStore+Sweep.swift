import Glibc
import SluiceCore

extension MediaStore {
  /// Makes room: what nobody has asked for lately goes, and of the rest what was asked for longest
  /// ago, until the quota holds. What was wanted a moment ago stays even so: nginx may be about to
  /// open it.
  /// - Parameter now: Unix milliseconds.
  /// - Returns: How many copies went.
  @discardableResult
  func sweep(_ settings: Settings.Media, now: Int64) -> Int {
    var copies: [Copy] = []
    for name in names() {
      if name.hasSuffix(".part") {
        removePart(name, now: now)
      } else if name.hasSuffix(".note") {
        removeNote(String(name.dropLast(5)), now: now)
      } else if let copy = Copy(name, at: path(name)) {
        copies.append(copy)
      }
    }
    copies.sort { $0.wanted < $1.wanted }
    var total = copies.reduce(0) { $0 + $1.bytes }
    var count = 0
    for copy in copies {
      let age = now - copy.wanted
      guard age > settings.keepMilliseconds || total > settings.quotaBytes, age > Self.grace else {
        continue
      }
      unlink(path(copy.id))
      unlink(notePath(copy.id))
      total -= copy.bytes
      count += 1
    }
    return count
  }

  private struct Copy {
    let id: String
    let bytes: Int
    /// Unix milliseconds: fetched, or asked for.
    let wanted: Int64

    /// `nil` for anything but a file of that name.
    init?(_ id: String, at path: String) {
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
      self.id = id
      bytes = Int(status.st_size)
      wanted = max(status.st_atim.milliseconds, status.st_mtim.milliseconds)
    }
  }

  /// A fetch that was killed leaves its file behind, unlocked.
  private func removePart(_ name: String, now: Int64) {
    guard isOld(path(name), now: now) else { return }
    let descriptor = open(path(name), O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0, MediaClaim.isAt(path(name), descriptor) {
      unlink(path(name))
    }
  }

  /// Notes of failures that are over, and of copies that are not there.
  private func removeNote(_ id: String, now: Int64) {
    if note(id, now: now) == nil, isOld(notePath(id), now: now) { unlink(notePath(id)) }
  }

  private func isOld(_ path: String, now: Int64) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && now - status.st_mtim.milliseconds > Self.grace
  }

  private func names() -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { buffer in
        String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }

  /// Milliseconds: longer than a request takes from here to nginx's opening the file.
  private static let grace: Int64 = 60_000
}

extension timespec {
  fileprivate var milliseconds: Int64 { Int64(tv_sec) * 1_000 + Int64(tv_nsec) / 1_000_000 }
}

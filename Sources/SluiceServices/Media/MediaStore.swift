import Glibc
import SluiceCore

/// Our copies of media, in `state_dir/media/`. For each, by its ID:
///
///     file        what it is             after a crash
///     ID.part     the lock on a fetch,   unlocked: the next fetch writes over it,
///                 and the copy so far    or the sweep removes it
///     ID.note     what came of it        as it was
///     ID          the copy               of another size than its note says: fetched again
///
/// A copy is complete where its note says so and its size agrees. Everything in here can be deleted
/// at any time, at the cost of a fetch.
struct MediaStore: Sendable {
  let directory: String

  init(_ settings: Settings) {
    directory = settings.server.stateDirectory + "/media"
  }

  /// What came of a fetch.
  enum Note: Equatable, Sendable {
    case copied(type: String?, size: Int64)
    /// - Parameter until: Unix milliseconds: nobody asks again before.
    case failed(MediaFailure, until: Int64)
  }

  /// What is known of media; `nil` where it has to be fetched.
  func note(_ id: String, now: Int64) -> Note? {
    guard let bytes = try? File.read(notePath(id), atMost: 4_096),
      let json = try? JSONReader.read(bytes), let note = Note(json: json)
    else { return nil }
    switch note {
    case .copied(_, let size):
      var status = stat()
      guard stat(path(id), &status) == 0, status.st_size == size else { return nil }
    case .failed(_, let until):
      // Later than any quiet lasts: the clock was set back.
      guard now < until, until - now <= Self.longestQuiet else { return nil }
    }
    return note
  }

  /// Notes that a copy is wanted, so that it is not the next to make room. The time of its last
  /// change stays, by which nginx and whoever resumes a download know it.
  /// - Parameter now: Unix milliseconds.
  func touch(_ id: String, now: Int64) {
    var status = stat()
    guard stat(path(id), &status) == 0 else { return }
    let access = timespec(
      tv_sec: Int(now / 1_000), tv_nsec: Int(now % 1_000) * 1_000_000)
    utimensat(AT_FDCWD, path(id), [access, status.st_mtim], 0)
  }

  /// Takes the fetch of media upon this thread, waiting for as long as another thread or process is
  /// at it.
  func claim(_ id: String) throws(FileError) -> MediaClaim {
    if mkdir(directory, 0o750) == 0 {
      // nginx may enter through its group; a umask would take that away.
      chmod(directory, 0o750)
    }
    return try MediaClaim(self, id)
  }

  func path(_ id: String) -> String { "\(directory)/\(id)" }
  func notePath(_ id: String) -> String { "\(directory)/\(id).note" }
  func partPath(_ id: String) -> String { "\(directory)/\(id).part" }

  /// Milliseconds (``MediaFailure/quiet``).
  static let longestQuiet: Int64 = 3_600_000
}

extension MediaStore.Note {
  var json: JSON {
    switch self {
    case .copied(let type, let size):
      .object(present: [("type", type.map(JSON.string)), ("size", .integer(size))])
    case .failed(let failure, let until):
      .object((failure.json.members ?? []) + [.init("until", .integer(until))])
    }
  }

  init?(json: JSON) {
    if let size = json["size"]?.integer {
      self = .copied(type: json["type"]?.string, size: size)
    } else if let failure = MediaFailure(json: json), let until = json["until"]?.integer {
      self = .failed(failure, until: until)
    } else {
      return nil
    }
  }
}

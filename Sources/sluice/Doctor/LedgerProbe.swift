import Glibc
import SluiceCore
import SluiceServices
import SluiceStore

/// The state directory, the ledger in it, the disk below it, and the shared segment.
struct LedgerProbe {
  let settings: Settings
  let isThorough: Bool

  private var directory: String { settings.server.stateDirectory }

  func findings() -> [Finding] {
    guard let status = FileStatus(directory) else {
      return [
        .problem(
          "state", "\(directory) is not there, or this user may not enter it.",
          remedy: "Make it, owned by the programs' user, with mode 0710.")
      ]
    }
    // What another user made in it, the programs could not write.
    guard status.rights.owner == geteuid() else {
      return [
        .problem(
          "state", "\(directory) belongs to user \(status.rights.owner), and this is \(geteuid()).",
          remedy: "Run this as the programs' user: runuser -u sluice sluice doctor.")
      ]
    }
    return [stateFinding(status), ledgerFinding(), syncFinding(), spaceFinding(), segmentFinding()]
  }

  private func stateFinding(_ status: FileStatus) -> Finding {
    if let finding = HostCheckup.fileSystem(FileSystem.type(of: directory), of: directory) {
      return finding
    }
    guard status.rights.mode & 0o027 == 0 else {
      return .warning(
        "state", "Others may look into \(directory), where messages are.",
        remedy: "chmod 0710 \(directory)")
    }
    return .good("state", "\(directory) is this user's alone.")
  }

  private func ledgerFinding() -> Finding {
    let path = directory + "/ledger.db"
    guard let status = FileStatus(path) else {
      return .warning(
        "ledger", "There is none yet.", remedy: "Start the programs: the first one makes it.")
    }
    let reads = isThorough || status.size < Self.small
    do {
      // SQLite reads it in one piece; what this process has read says how far it is.
      let before = FileSystem.bytesRead
      let diagnosis = try tellingProgress("MB read", of: status.size >> 20) {
        min(FileSystem.bytesRead - before, status.size) >> 20
      } while: {
        try SQLiteLedger.diagnosis(directory: directory, isThorough: reads)
      }
      return LedgerCheckup.finding(diagnosis, path: path)
    } catch {
      return .problem(
        "ledger", "\(path): \(error)", remedy: "See what it says; LedgerStates.md has the states.")
    }
  }

  private func syncFinding() -> Finding {
    let path = directory + "/doctor.\(getpid())"
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { return HostCheckup.syncs([]) }
    defer {
      close(file)
      unlink(path)
    }
    let block = [UInt8](repeating: 0x53, count: 4_096)
    let clocks = SystemClocks()
    var milliseconds: [Double] = []
    for _ in 0..<10 {
      let begin = clocks.boot
      guard write(file, block, block.count) == block.count, fdatasync(file) == 0 else { break }
      milliseconds.append(Double(clocks.boot - begin) / 1e6)
    }
    return HostCheckup.syncs(milliseconds)
  }

  private func spaceFinding() -> Finding {
    var disk = statvfs()
    guard statvfs(directory, &disk) == 0 else {
      return HostCheckup.space(free: 0, reserve: 0, ledger: 0)
    }
    return HostCheckup.space(
      free: Int(disk.f_bavail) * Int(disk.f_frsize), reserve: settings.server.reserveBytes,
      ledger: FileStatus(directory + "/ledger.db")?.size ?? 0)
  }

  private func segmentFinding() -> Finding {
    let place = SegmentPlace(settings.server)
    let path = place.path
    if let finding = SegmentCheckup.finding(place, usual: settings.server.sharedMemory) {
      return finding
    }
    guard FileStatus(path) != nil else {
      return .warning(
        "segment", "\(path) is not there: no program has run since the host started.",
        remedy: "Start the programs: the first one makes it.")
    }
    do throws(SegmentError) {
      // As the programs do, but to look at.
      _ = try SharedSegment(
        reading: path, stateDirectory: directory, now: SystemClocks().boot)
    } catch {
      return .problem(
        "segment", "\(error)", remedy: "Until then nothing is sent: rates are kept in it.")
    }
    guard FileSystem.type(of: path) == "tmpfs" else {
      return .warning(
        "segment", "\(path) is on a disk, so that it outlives the host's start.",
        remedy: "Set server.shared_memory to a path on a tmpfs: /run or /dev/shm.")
    }
    return .good("segment", "\(path) is this user's, and in memory.")
  }

  /// Bytes that SQLite reads in a second or so.
  private static let small = 256 << 20
}

/// What the file system says of a path.
struct FileStatus {
  let rights: FileRights
  let size: Int

  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    rights = FileRights(
      owner: status.st_uid, group: status.st_gid, mode: status.st_mode & 0o7777)
    size = Int(status.st_size)
  }
}

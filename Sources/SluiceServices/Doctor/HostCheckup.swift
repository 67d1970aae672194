import SluiceCore

/// What figures of the host mean for Sluice.
package enum HostCheckup {
  // MARK: Disk

  /// - Parameter type: Of the file system that the state directory is on; `nil` if that is not known.
  /// - Returns: `nil` where there is nothing to say.
  package static func fileSystem(_ type: String?, of directory: String) -> Finding? {
    guard let type else { return nil }
    if ["tmpfs", "ramfs"].contains(type) {
      return .warning(
        "state",
        "\(directory) is in memory (\(type)): all messages are lost when the host is started anew.",
        remedy: "Set server.state_dir to a directory on a local disk.")
    }
    let isRemote = remote.contains(type) || ["nfs", "fuse."].contains { type.hasPrefix($0) }
    guard isRemote else { return nil }
    return .problem(
      "state",
      "\(directory) is on a network file system or the like (\(type)), whose locks and shared memory"
        + " SQLite cannot rely on: the ledger may be damaged.",
      remedy: "Move it to a local disk: stop the programs, copy it, and set server.state_dir.")
  }

  private static let remote: Set = [
    "cifs", "smb3", "smbfs", "fuse", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs", "ncpfs",
    "ocfs2", "gfs2", "beegfs",
  ]

  /// - Parameter milliseconds: What each of some small synced writes took, in whatever order.
  package static func syncs(_ milliseconds: [Double]) -> Finding {
    let sorted = milliseconds.sorted()
    guard let longest = sorted.last else {
      return .problem(
        "fsync", "Nothing can be written into the state directory.",
        remedy: "Run this as the programs' user, and see what the disk has.")
    }
    let median = sorted[sorted.count / 2]
    let text =
      "A synced write takes \(rounded(median)) ms, the longest took \(rounded(longest)) ms."
    guard median > 30 else { return .good("fsync", text) }
    return .warning(
      "fsync", "\(text) Every answer waits for one.",
      remedy: "Move server.state_dir to a faster local disk.")
  }

  /// - Parameters:
  ///   - free: Bytes that this user may still fill.
  ///   - reserve: `server.reserve_mb`, in bytes.
  package static func space(free: Int, reserve: Int, ledger: Int) -> Finding {
    let text = "\(megabytes(free)) free for a ledger of \(megabytes(ledger))."
    if free < 64 << 20 {
      return .problem(
        "disk", "\(text) When it is full, new messages are refused with 503.",
        remedy: "Free some space, or lower retention.days or media.quota_mb.")
    }
    if free < max(1 << 30, ledger) {
      return .warning(
        "disk", text, remedy: "Free some space: SQLite needs room to tidy up, and media for copies."
      )
    }
    if reserve == 0 {
      return .warning(
        "disk", "\(text) Nothing is kept aside for when the disk is full.",
        remedy: "Set server.reserve_mb, so that what was accepted can still be sent then.")
    }
    return .good("disk", text)
  }

  // MARK: Clock

  /// - Parameters:
  ///   - now: Unix milliseconds by this host's clock.
  ///   - others: The same by the clocks of servers that were asked meanwhile, from their `Date`.
  package static func clock(now: Int64, others: [Int64]) -> Finding {
    guard now > earliest else {
      return .problem(
        "clock", "It is \(Timestamp.text(now)) by this host's clock, which cannot be.", remedy: ntp)
    }
    guard !others.isEmpty else {
      return .good("clock", "It is \(Timestamp.text(now)); no other clock was asked.")
    }
    // One server's clock may be wrong; the middle one of several hardly.
    let difference = now - others.sorted()[others.count / 2]
    let seconds = rounded(Double(abs(difference)) / 1_000)
    let text =
      "The clock is \(seconds) s \(difference < 0 ? "behind" : "ahead of") the servers that were asked."
    if abs(difference) > 60_000 {
      return .problem(
        "clock", "\(text) Signed webhooks are refused, and messages seem old.", remedy: ntp)
    }
    // `Date` has whole seconds, and travels.
    return abs(difference) > 5_000 ? .warning("clock", text, remedy: ntp) : .good("clock", text)
  }

  private static let ntp = "Set it, and let NTP keep it: timedatectl set-ntp true."
  /// 2025: before this program was written.
  private static let earliest: Int64 = 1_735_689_600_000

  // MARK: Numbers

  static func megabytes(_ bytes: Int) -> String {
    bytes < 10 << 30 ? "\(bytes >> 20) MB" : "\(bytes >> 30) GB"
  }

  static func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}

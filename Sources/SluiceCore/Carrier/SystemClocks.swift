import Glibc

/// The machine's clocks.
package struct SystemClocks: Clocks {
  package init() {}

  package var wall: Int64 {
    let time = Self.read(CLOCK_REALTIME)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  package var boot: UInt64 {
    let time = Self.read(CLOCK_BOOTTIME)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  package var bootID: UInt64 { Self.bootID }

  private static let bootID = SharedSegment.bootIdentity()

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    clock_gettime(clock, &time)
    return time
  }
}

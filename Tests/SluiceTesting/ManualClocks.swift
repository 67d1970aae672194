import SluiceCore
import Synchronization

/// Clocks that stand still until told otherwise.
package final class ManualClocks: Clocks {
  private let time: Mutex<(wall: Int64, boot: UInt64)>

  package init(wall: Int64 = 1_760_000_000_000, boot: UInt64 = 5_000_000_000) {
    time = Mutex((wall, boot))
  }

  package var wall: Int64 { time.withLock { $0.wall } }
  package var boot: UInt64 { time.withLock { $0.boot } }

  package func advance(milliseconds: Int64) {
    time.withLock { time in
      time.wall += milliseconds
      time.boot += UInt64(milliseconds) * 1_000_000
    }
  }
}

import Glibc
import SluiceCore
import Synchronization

// How a handler tells the relays that there is work: a line with the channel's name into a named
// pipe that all of them read. It is a hint only; what gets lost is found by the next scan.

/// The handlers' end.
package final class WakeSender: Sendable {
  private let path: String
  private let clocks: any Clocks
  private let state: Mutex<State>

  private struct State {
    var descriptor: Int32 = -1
    var retryAt: UInt64 = 0
  }

  package init(stateDirectory: String, clocks: any Clocks) {
    path = WakeListener.path(in: stateDirectory)
    self.clocks = clocks
    state = Mutex(State())
  }

  package func wake(for channel: ChannelName) {
    let line = Array("\(channel)\n".utf8)  // Shorter than PIPE_BUF: never torn.
    state.withLock { state in
      if state.descriptor < 0 {
        let now = clocks.boot
        guard now >= state.retryAt else { return }
        state.retryAt = now + 100_000_000
        // Fails where no relay listens.
        state.descriptor = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
        guard state.descriptor >= 0 else { return }
      }
      // A full pipe means that the relays have enough to look at.
      if write(state.descriptor, line, line.count) < 0 && errno != EAGAIN {
        close(state.descriptor)
        state.descriptor = -1
      }
    }
  }
}

/// The relays' end.
package final class WakeListener {
  package let descriptor: Int32

  static func path(in stateDirectory: String) -> String { stateDirectory + "/wake/relay" }

  /// - Returns: `nil` where the pipe cannot be made; the relay then only scans.
  package init?(stateDirectory: String) {
    let path = Self.path(in: stateDirectory)
    mkdir(stateDirectory + "/wake", 0o700)
    if mkfifo(path, 0o600) != 0 && errno != EEXIST { return nil }
    // For writing too: otherwise the last writer's leaving would end the pipe.
    descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW)
    if descriptor < 0 { return nil }
  }

  deinit { close(descriptor) }

  /// The channels that were named since the last time.
  func read() -> Set<ChannelName> {
    var names: Set<ChannelName> = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      guard count > 0 else { return names }
      // A name cut at the chunk's end is found by the scan.
      for line in chunk[..<count].split(separator: UInt8(ascii: "\n")) {
        if let name = ChannelName(String(decoding: line, as: UTF8.self)) { names.insert(name) }
      }
      if count < chunk.count { return names }
    }
  }
}

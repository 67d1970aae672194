import Logging
import SluiceCore
import Synchronization

/// Carrying by handlers (`carry = "handlers"`): after its answer a request thread moves what is
/// due. One thread of a process does it at a time; work that comes meanwhile is left to it.
package final class HandlerCarrier: Sendable {
  private let context: ServiceContext
  private let makeTransport: @Sendable () -> (any CallTransport)?
  private let state = Mutex(State())

  private struct State {
    var isCarrying = false
    var noted: Set<ChannelName> = []
  }

  package init(
    context: ServiceContext, makeTransport: @escaping @Sendable () -> (any CallTransport)?
  ) {
    self.context = context
    self.makeTransport = makeTransport
  }

  /// Carries until nothing is due, or for the time that one handler may spend.
  func carry(for channel: ChannelName) {
    let mustCarry = state.withLock { state in
      state.noted.insert(channel)
      defer { state.isCarrying = true }
      return !state.isCarrying
    }
    guard mustCarry, let transport = makeTransport() else { return }
    let carrier = Carrier(context: context, transport: transport)
    let deadline = context.clocks.boot + Self.longest
    while true {
      let noted = state.withLock { state in
        defer { state.noted.removeAll() }
        if state.noted.isEmpty || context.clocks.boot >= deadline { state.isCarrying = false }
        return state.isCarrying ? state.noted : []
      }
      guard !noted.isEmpty else { return }
      for channel in noted { carrier.note(channel) }
      do throws(LedgerError) {
        try carrier.run(.untilIdle(deadline: deadline))
      } catch {
        context.log.error("carrying stopped", metadata: ["problem": "\(error)"])
      }
    }
  }

  /// Nanoseconds that one thread carries before it takes requests again.
  private static let longest: UInt64 = 20_000_000_000
}

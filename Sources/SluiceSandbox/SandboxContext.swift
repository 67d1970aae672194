import SluiceCore
import Synchronization

/// What the two far ends share: the settings, the memory, the clocks, and the way back to Sluice.
final class SandboxContext: Sendable {
  let configuration: SandboxConfiguration
  let clocks: any Clocks
  let state: Mutex<SandboxState>
  let callbacks: CallbackLanes
  let clients: ClientPool
  let holds = Holds()
  private let indices: [String: Int]

  init(
    configuration: SandboxConfiguration, clocks: any Clocks,
    makeClient: @escaping @Sendable () -> any HTTPClient
  ) {
    self.configuration = configuration
    self.clocks = clocks
    state = Mutex(SandboxState(configuration, epoch: clocks.wall))
    callbacks = CallbackLanes(count: configuration.callbackThreads)
    clients = ClientPool(make: makeClient)
    indices = Dictionary(
      configuration.channels.enumerated().map { ($1.name.description, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The place of a channel in the settings and in the state.
  func index(of channel: String) -> Int? { indices[channel] }

  /// The base URL that the channel has in Sluice.
  func sluiceURL(_ channel: Int) -> String {
    "\(configuration.sluiceBaseURL)/\(configuration.channels[channel].name)"
  }

  /// Notes a step for the timeline, at this moment.
  func note(
    _ step: TimelineEntry.Step, channel: Int, contact: String, _ detail: String,
    in state: inout SandboxState
  ) {
    state.page.note(
      TimelineEntry(
        step: step, wall: clocks.wall, boot: clocks.boot,
        channel: configuration.channels[channel].name.description, contact: contact,
        detail: detail.head(bytes: 200)))
  }

  /// Forgets everything, callbacks on their way included, and lets go of what is held back.
  func reset() {
    holds.release()
    callbacks.clear()
    state.withLock { state in
      // Later than the last one even where both fall into one millisecond.
      state = SandboxState(configuration, epoch: max(clocks.wall, state.epoch + 1))
    }
  }
}

/// Clients of our own, one per call at a time: a client belongs to one thread while it works.
final class ClientPool: Sendable {
  /// `@unchecked`: a client is in the pool or with the one thread that took it, never in both.
  private struct Idle: @unchecked Sendable { let client: any HTTPClient }

  private let make: @Sendable () -> any HTTPClient
  private let idle = Mutex<[Idle]>([])

  init(make: @escaping @Sendable () -> any HTTPClient) { self.make = make }

  func perform(_ call: HTTPCall, timeout: Double) -> CallResult {
    let taken = idle.withLock { $0.popLast() } ?? Idle(client: make())
    defer { idle.withLock { $0.append(taken) } }
    return taken.client.perform(call, timeout: timeout)
  }
}

import Logging
import SluiceCore

/// What every service of a program shares.
package struct ServiceContext: ProgramContext {
  package private(set) var settings: Settings
  package let ledger: any Ledger
  package let limiter: any RateLimiter
  package let clocks: any Clocks
  package private(set) var log: Logger
  package let meters: any Meters
  /// For what anybody can have logged.
  package let lines: LineLimiter
  package let live: LiveSettings?
  package private(set) var version = 0

  /// - Parameter live: Where the settings come from, if they may change.
  package init(
    settings: Settings, ledger: any Ledger, limiter: any RateLimiter, clocks: any Clocks,
    log: Logger, meters: any Meters = NoMeters(), lines: LineLimiter? = nil,
    live: LiveSettings? = nil
  ) {
    self.meters = meters
    self.lines = lines ?? LineLimiter(nil, clocks: clocks)
    self.settings = settings
    self.ledger = ledger
    self.limiter = limiter
    self.clocks = clocks
    self.log = log
    self.live = live
  }

  package mutating func adopt(_ version: LiveSettings.Version) {
    (settings, log, self.version) = (version.settings, version.log, version.number)
  }

  /// For a lease that begins now.
  package var leaseTerms: LeaseTerms {
    let now = clocks.wall
    return LeaseTerms(
      now: now, until: now + Int64(settings.relay.leaseSeconds * 1_000),
      boot: Int64(clocks.boot / 1_000_000), bootID: clocks.bootID)
  }

  /// The channel, or `nil` where there is none or its settings cannot be read; the log says which.
  func channel(_ name: ChannelName) -> ChannelSettings? {
    do throws(SettingsError) {
      return try settings.channels.channel(name)
    } catch {
      lines.write(
        .channelUnreadable, of: name, to: log, ["channel": "\(name)", "problem": "\(error)"])
      return nil
    }
  }
}

/// What every program has that has our settings.
package struct BaseContext: ProgramContext {
  package private(set) var settings: Settings
  package let clocks: any Clocks
  package private(set) var log: Logger
  package let live: LiveSettings?
  package private(set) var version = 0

  package init(
    settings: Settings, clocks: any Clocks, log: Logger, live: LiveSettings? = nil
  ) {
    self.settings = settings
    self.clocks = clocks
    self.log = log
    self.live = live
  }

  package mutating func adopt(_ version: LiveSettings.Version) {
    (settings, log, self.version) = (version.settings, version.log, version.number)
  }
}

/// A context with settings that may be others the next time.
package protocol ProgramContext: Sendable {
  var live: LiveSettings? { get }
  /// Of the settings in it (``LiveSettings/Version/number``).
  var version: Int { get }
  mutating func adopt(_ version: LiveSettings.Version)
}

extension ProgramContext {
  /// Takes up settings that were reloaded.
  /// - Returns: Whether there were any.
  @discardableResult package mutating func refresh() -> Bool {
    guard let current = live?.current, current.number != version else { return false }
    adopt(current)
    return true
  }
}

import Logging
import SluiceCore

/// What every service of a program shares.
package struct ServiceContext: Sendable {
  package let settings: Settings
  package let ledger: any Ledger
  package let limiter: any RateLimiter
  package let clocks: any Clocks
  package let log: Logger
  package let meters: any Meters

  package init(
    settings: Settings, ledger: any Ledger, limiter: any RateLimiter, clocks: any Clocks,
    log: Logger, meters: any Meters = NoMeters()
  ) {
    self.meters = meters
    self.settings = settings
    self.ledger = ledger
    self.limiter = limiter
    self.clocks = clocks
    self.log = log
  }

  /// For a lease that begins now.
  package var leaseTerms: LeaseTerms {
    let now = clocks.wall
    return LeaseTerms(
      now: now, until: now + Int64(settings.relay.leaseSeconds * 1_000),
      boot: Int64(clocks.boot / 1_000_000))
  }

  /// The channel, or `nil` where there is none or its settings cannot be read; the log says which.
  func channel(_ name: ChannelName) -> ChannelSettings? {
    do throws(SettingsError) {
      return try settings.channels.channel(name)
    } catch {
      log.error("channel cannot be read", metadata: ["channel": "\(name)", "problem": "\(error)"])
      return nil
    }
  }
}

/// What every program has that has our settings.
package struct BaseContext: Sendable {
  package let settings: Settings
  package let clocks: any Clocks
  package let log: Logger

  package init(settings: Settings, clocks: any Clocks, log: Logger) {
    self.settings = settings
    self.clocks = clocks
    self.log = log
  }
}

import Glibc
import Logging
import SluiceCore

/// How every program starts and ends: options, settings, log, signals, exit status.
package enum Daemon {
  /// Runs `body` with the program's context, and exits.
  /// - Parameter openLedger: Makes the ledger of a state directory.
  package static func run(
    _ program: String, options allowed: [ProgramOptions.Option] = [],
    openLedger: (Settings, any Meters) throws -> any Ledger,
    _ body: (ServiceContext, ProgramOptions) throws -> Void
  ) -> Never {
    run(program, options: allowed) { (base: BaseContext, options) in
      let settings = base.settings
      let segment = try CurrentSegment(
        path: settings.server.sharedMemory, stateDirectory: settings.server.stateDirectory,
        now: base.clocks.boot)
      warn(of: SegmentPlace(settings.server), to: base.log)
      let meters = SharedMeters(
        segment, clocks: base.clocks, isCounting: settings.server.countsEvents)
      let ledger = try openLedger(settings, meters)
      try body(
        ServiceContext(
          settings: settings, ledger: ledger, limiter: SharedBuckets(segment), clocks: base.clocks,
          log: base.log, meters: meters, lines: LineLimiter(segment, clocks: base.clocks),
          live: base.live),
        options)
    }
  }

  /// Where there is no daemon, it is for those that cron starts to say so, and not for each request.
  private static func warn(of place: SegmentPlace, to log: Logger) {
    guard getenv("GATEWAY_INTERFACE") == nil, place.hasMoved else { return }
    log.warning(
      "the shared segment's usual place belonged to another user; this one is used instead",
      metadata: [
        "path": "\(place.path)", "owner": "\(place.stranger.map { "\($0)" } ?? "gone")",
      ])
  }

  /// Runs `body`, and exits: for a program that has no use for the ledger.
  package static func run(
    _ program: String, options allowed: [ProgramOptions.Option] = [],
    _ body: (BaseContext, ProgramOptions) throws -> Void
  ) -> Never {
    run(program, options: allowed) { options in
      let isCGI = getenv("GATEWAY_INTERFACE") != nil
      if !isCGI { HangupSignal.install() }
      let clocks = SystemClocks()
      let live = try LiveSettings(program: program, path: options.settingsPath, clocks: clocks)
      // So that a program which nobody asks anything says at once what is wrong with its settings.
      if !isCGI {
        Thread.start {
          while true {
            HangupSignal.wait()
            _ = live.current
          }
        }
      }
      let now = live.current
      try body(
        BaseContext(settings: now.settings, clocks: clocks, log: now.log, live: live), options)
    }
  }

  /// Runs `body`, and exits: for a program that has settings of its own, and no ledger.
  package static func run(
    _ program: String, options allowed: [ProgramOptions.Option] = [],
    _ body: (ProgramOptions) throws -> Void
  ) -> Never {
    // A web server that wants one answer must not end what is done after it.
    if getenv("GATEWAY_INTERFACE") != nil { Detachment.begin() }
    StopSignal.install()
    do {
      try body(
        ProgramOptions(program: program, arguments: CommandLine.arguments, allowed: allowed))
      exit(StopSignal.status)
    } catch let error as UsageError {
      fail(program, error.description, status: error.isHelp ? 0 : ExitStatus.usage)
    } catch let error as SettingsError {
      fail(program, error.description, status: ExitStatus.settings)
    } catch let error as LedgerError {
      fail(program, error.description, status: ExitStatus.ledgerBroken)
    } catch {
      fail(program, "\(error)", status: 1)
    }
  }

  private static func fail(_ program: String, _ message: String, status: Int32) -> Never {
    for line in message.split(separator: "\n") {
      var bytes = Array("\(program): \(line)\n".utf8)
      write(2, &bytes, bytes.count)
    }
    // A web server that asked for an answer gets one, without our reasons.
    if getenv("GATEWAY_INTERFACE") != nil && status != 0 {
      var bytes = Array(
        ("Status: 503 Service Unavailable\r\ncontent-type: application/json\r\n\r\n"
          + "{\"error\":{\"message\":\"The bridge is not set up correctly.\"}}").utf8)
      write(1, &bytes, bytes.count)
    }
    exit(status)
  }
}

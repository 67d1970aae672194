import Logging
import SluiceCore
import Synchronization

/// A program's settings as they are now. They are read again after SIGHUP and after `sluice reload`;
/// with a mistake in them, those before stay.
package final class LiveSettings: Sendable {
  /// Settings with the log that they ask for; what began with them ends with them.
  package struct Version: Sendable {
    /// Counts up with each reload.
    package let number: Int
    package let settings: Settings
    package let log: Logger
  }

  private let path: String
  private let program: String
  private let clocks: any Clocks
  private let sink: LogSink
  private let state: Mutex<State>

  private struct State {
    var version: Version
    var seen: Request
  }

  /// What was asked for last.
  private struct Request: Equatable {
    var mark: ReloadMark?
    var hangups: Int
  }

  package init(
    program: String, path: String, clocks: any Clocks
  ) throws(SettingsError) {
    var seen = Request(mark: nil, hangups: HangupSignal.count)
    let begin = clocks.wall
    let settings = try Settings.load(path: path)
    // A mark made while they were read may be about what came too late for that: it counts as new.
    let mark = ReloadMark(in: settings.server.stateDirectory)
    if let mark, mark.madeAt < begin { seen.mark = mark }
    self.path = path
    self.program = program
    self.clocks = clocks
    sink = LogSink(path: settings.log.file, clocks: clocks)
    state = Mutex(
      State(
        version: Version(
          number: 0, settings: settings,
          log: Self.log(program, settings.log, sink: sink, clocks: clocks)),
        seen: seen))
  }

  /// The settings to begin something with. Reads them, if somebody has asked for it.
  package var current: Version {
    state.withLock { state in
      let request = Request(
        mark: ReloadMark(in: state.version.settings.server.stateDirectory),
        hangups: HangupSignal.count)
      if request != state.seen {
        state.seen = request
        state.version = reloaded(state.version)
      }
      return state.version
    }
  }

  private func reloaded(_ earlier: Version) -> Version {
    let log = earlier.log
    do throws(SettingsError) {
      let (settings, waiting) = try Settings.load(path: path).succeeding(earlier.settings) {
        Self.complain($0, "channel refused; it stays as it was", to: log)
      }
      sink.reopen(settings.log.file)
      let version = Version(
        number: earlier.number + 1, settings: settings,
        log: Self.log(program, settings.log, sink: sink, clocks: clocks))
      version.log.notice(
        "settings reloaded",
        metadata: waiting.isEmpty
          ? [:] : ["wait_for_restart": "\(waiting.joined(separator: " "))"])
      return version
    } catch {
      sink.reopen(earlier.settings.log.file)
      Self.complain(error, "settings refused; the ones before stay", to: log)
      return earlier
    }
  }

  private static func complain(_ error: SettingsError, _ message: Logger.Message, to log: Logger) {
    for problem in error.problems {
      log.error(message, metadata: ["problem": "\(problem)"])
    }
  }

  private static func log(
    _ program: String, _ settings: Settings.Log, sink: LogSink, clocks: any Clocks
  ) -> Logger {
    Logger(label: program) { _ in
      LineHandler(program: program, settings: settings, sink: sink, clocks: clocks)
    }
  }
}

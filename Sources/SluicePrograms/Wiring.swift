import Glibc
import Logging
import SluiceCore
import SluiceFastCGI
import SluiceHTTP
import SluiceServices
import SluiceStore

/// Which adapters the programs' services get: the one place that knows them all.
package enum Wiring {
  package static func ledger(_ settings: Settings, _ meters: any Meters) throws -> any Ledger {
    let isCGI = getenv("GATEWAY_INTERFACE") != nil
    return try SQLiteLedger(
      directory: settings.server.stateDirectory, policy: settings.ledgerPolicy,
      checkpointFrames: isCGI ? 200 : 4_000, meters: meters)
  }

  /// The same ledger, for those who look into it.
  package static func inspectable(
    _ context: ServiceContext
  ) throws(LedgerError) -> any InspectableLedger {
    guard let ledger = context.ledger as? any InspectableLedger else {
      throw .broken("it is of a kind that cannot be looked into")
    }
    return ledger
  }

  package static func wake(_ context: ServiceContext) -> WakeSender {
    WakeSender(stateDirectory: context.settings.server.stateDirectory, clocks: context.clocks)
  }

  package static func transport(_ context: ServiceContext) throws -> CurlTransport {
    try CurlTransport(connections: context.settings.relay.inFlight, clocks: context.clocks)
  }

  /// A transport each time it is called; `nil`, and a line in the log, where libcurl is missing.
  package static func transports(
    _ context: ServiceContext
  ) -> @Sendable () -> (any CallTransport)? {
    {
      do {
        return try CurlTransport(connections: 16, clocks: context.clocks)
      } catch {
        context.log.error("no calls can be made", metadata: ["problem": "\(error)"])
        return nil
      }
    }
  }

  /// A client each time it is called; where libcurl is missing, one that says so on every call.
  package static func clients(_ clocks: any Clocks) -> @Sendable () -> any HTTPClient {
    {
      do throws(CurlError) {
        return try CurlClient(clocks: clocks)
      } catch {
        return MissingClient(problem: error.description)
      }
    }
  }

  /// A downloader each time it is called.
  private static func downloaders(
    _ context: BaseContext
  ) -> @Sendable () throws -> any Downloader {
    let allows = context.settings.media.allowsPrivateNetworks
    return { try CurlDownloader(allowsPrivateNetworks: allows) }
  }

  private struct MissingClient: HTTPClient {
    let problem: String

    func perform(_ call: HTTPCall, timeout: Double) -> CallResult { .notSent(reason: problem) }
  }

  /// Carrying after the answer, where the settings say so.
  package static func carrier(_ context: ServiceContext) -> HandlerCarrier? {
    guard context.settings.server.carry == .handlers else { return nil }
    return HandlerCarrier(context: context, makeTransport: transports(context))
  }

  /// FastCGI on the given socket or on descriptor 0; one CGI request where that is no socket.
  /// - Parameter make: Makes the handler, and another one whenever the settings have changed.
  package static func serve(
    _ context: ServiceContext, as endpoint: TimedDuration.Endpoint, _ options: ProgramOptions,
    _ make: @escaping @Sendable (ServiceContext) -> any RequestHandler
  ) throws {
    let server = context.settings.server
    let handler = ReloadingHandler(context, make: make)
    try serve(
      TimedHandler(handler, as: endpoint, clocks: context.clocks, meters: context.meters), options,
      threads: server.threads, maximumBodyBytes: server.maximumBodyBytes)
  }

  /// The same for sluice-media, which takes no bodies, needs no ledger, and counts by itself.
  package static func serveMedia(_ context: BaseContext, _ options: ProgramOptions) throws {
    let (server, clocks) = (context.settings.server, context.clocks)
    let segment = CurrentSegment(ofMediaIn: server.stateDirectory)
    let meters = SharedMeters(segment, clocks: clocks, isCounting: server.countsEvents)
    let handler = ReloadingHandler(context) { context in
      MediaService(
        context: context, meters: meters, lines: LineLimiter(segment, clocks: clocks),
        makeDownloader: downloaders(context))
    }
    try serve(
      TimedHandler(handler, as: .media, clocks: clocks, meters: meters), options,
      threads: server.threads, maximumBodyBytes: 0)
  }

  /// The same for a program without Sluice's settings.
  /// - Parameter threads: Unless the options say otherwise.
  package static func serve(
    _ handler: any RequestHandler, _ options: ProgramOptions, threads: Int, maximumBodyBytes: Int
  ) throws {
    let listener =
      if let path = options.socketPath { try Listener(path: path) } else { Listener.inherited() }
    guard let listener else {
      CGIRequest.serve(handler, maximumBodyBytes: maximumBodyBytes)
      return
    }
    FastCGIServer(
      listener: listener, threads: options.threads ?? threads,
      maximumBodyBytes: maximumBodyBytes, handler: handler
    ).run()
  }
}

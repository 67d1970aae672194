import Logging
import SluiceCore
import Synchronization

/// Follows the links to media that ``MediaLinks`` made: fetches what is behind one, once, and lets
/// nginx serve the copy, which answers HEAD and Range by itself.
package final class MediaService: RequestHandler {
  private let settings: Settings
  private let clocks: any Clocks
  private let log: Logger
  private let meters: any Meters
  private let lines: LineLimiter
  private let store: MediaStore
  private let makeDownloader: @Sendable () throws -> any Downloader
  private let seal = Mutex<MediaSeal?>(nil)
  /// Who waits for which media; the key is there while a thread fetches it.
  private let waiting = Mutex<[String: [@Sendable (MediaStore.Note) -> Void]]>([:])

  package init(
    context: BaseContext, meters: any Meters = NoMeters(), lines: LineLimiter? = nil,
    makeDownloader: @escaping @Sendable () throws -> any Downloader
  ) {
    settings = context.settings
    clocks = context.clocks
    log = context.log
    self.meters = meters
    self.lines = lines ?? LineLimiter(nil, clocks: context.clocks)
    self.makeDownloader = makeDownloader
    store = MediaStore(context.settings)
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    guard request.method == "GET" || request.method == "HEAD" else {
      return .answered(
        .error(405, "This address takes GET and HEAD.", headers: [("allow", "GET, HEAD")]))
    }
    let ticket: MediaTicket
    do throws(MediaTokenError) {
      ticket = try self.ticket(in: request)
    } catch {
      return .answered(
        error == .expired
          ? .error(410, "The link has expired.") : .error(404, "There is nothing at this address."))
    }
    guard let provider = provider(ticket.channel) else {
      return .answered(.error(410, "The channel is no longer there."))
    }
    if let note = store.note(ticket.mediaID, now: clocks.wall) {
      return .answered(response(note, to: ticket))
    }
    return .pending { resume in
      self.wait(for: ticket, of: provider) { next in resume(next) }
    }
  }

  private func ticket(in request: HTTPRequest) throws(MediaTokenError) -> MediaTicket {
    let token = request.path.split(separator: "/").last.map(String.init) ?? ""
    guard let seal = currentSeal() else { throw .forged }
    return try seal.ticket(in: token, now: clocks.wall)
  }

  /// Read when it is first needed: whoever makes the first link makes the key.
  private func currentSeal() -> MediaSeal? {
    seal.withLock { seal in
      if let seal { return seal }
      do throws(FileError) {
        seal = try MediaKey.find(settings).map(MediaSeal.init(secret:))
      } catch {
        lines.write(.mediaKeyUnreadable, to: log, ["problem": "\(error)"])
      }
      return seal
    }
  }

  private func provider(_ name: ChannelAccount) -> (any Provider)? {
    do throws(SettingsError) {
      return try settings.channels.channel(name.channel)?.account(name.account)?.provider
    } catch {
      log.error("channel cannot be read", metadata: ["channel": "\(name)", "problem": "\(error)"])
      return nil
    }
  }

  // MARK: - Fetching once

  /// The first who wants media fetches it; all others are told, and hold no thread meanwhile.
  private func wait(
    for ticket: MediaTicket, of provider: any Provider,
    _ resume: @escaping @Sendable (Progress) -> Void
  ) {
    let isFirst = waiting.withLock { waiting in
      guard waiting[ticket.mediaID] != nil else {
        waiting[ticket.mediaID] = []
        return true
      }
      waiting[ticket.mediaID]?.append { note in
        resume(.answered(self.response(note, to: ticket)))
      }
      return false
    }
    guard isFirst else { return }
    resume(
      .blocking {
        let note = self.fetch(ticket, of: provider)
        let others = self.waiting.withLock { $0.removeValue(forKey: ticket.mediaID) } ?? []
        for other in others { other(note) }
        return .answered(
          Reply(self.response(note, to: ticket)) {
            self.store.sweep(self.settings.media, now: self.clocks.wall)
          })
      })
  }

  private func fetch(_ ticket: MediaTicket, of provider: any Provider) -> MediaStore.Note {
    do throws(FileError) {
      let claim = try store.claim(ticket.mediaID)
      // Another process may have been at it.
      if let note = store.note(ticket.mediaID, now: clocks.wall) { return note }
      return try fetch(ticket, of: provider, into: claim)
    } catch {
      log.error("media cannot be kept", metadata: ["problem": "\(error)"])
      let failure = MediaFailure.unavailable(reason: "\(error)", after: nil)
      return .failed(failure, until: clocks.wall + failure.quiet)
    }
  }

  private func fetch(
    _ ticket: MediaTicket, of provider: any Provider, into claim: borrowing MediaClaim
  ) throws(FileError) -> MediaStore.Note {
    let begin = clocks.boot
    let copy: (type: String?, size: Int64)
    do throws(MediaFailure) {
      copy = try fetch(ticket, of: provider, into: claim.descriptor, begin: begin)
    } catch {
      meters.record(.fetch(.failed), nanoseconds: clocks.boot - begin)
      log.warning(
        "media cannot be had",
        metadata: ["channel": "\(ticket.channel)", "problem": "\(error)", "kind": "\(ticket.kind)"])
      try claim.fail(error, now: clocks.wall)
      return .failed(error, until: clocks.wall + error.quiet)
    }
    meters.record(.fetch(.copied), nanoseconds: clocks.boot - begin)
    try claim.publish(type: copy.type, size: copy.size)
    log.info(
      "media fetched",
      metadata: [
        "channel": "\(ticket.channel)", "kind": "\(ticket.kind)", "bytes": "\(copy.size)",
        "ms": "\((clocks.boot - begin) / 1_000_000)",
      ])
    return .copied(type: copy.type, size: copy.size)
  }

  private func fetch(
    _ ticket: MediaTicket, of provider: any Provider, into file: Int32, begin: UInt64
  ) throws(MediaFailure) -> (type: String?, size: Int64) {
    guard let downloader = try? makeDownloader() else {
      throw .unavailable(reason: "libcurl cannot be used", after: nil)
    }
    return try MediaFetch(
      provider: provider, downloader: downloader, clocks: clocks,
      maximumBytes: settings.media.maximumBytes,
      deadline: begin + UInt64(settings.media.fetchSeconds * 1e9)
    ).fetch(ticket.reference, to: file)
  }

  // MARK: - Answers

  private func response(_ note: MediaStore.Note, to ticket: MediaTicket) -> HTTPResponse {
    switch note {
    case .copied(let type, _):
      store.touch(ticket.mediaID, now: clocks.wall)
      return HTTPResponse(
        status: 200,
        headers: MediaHeaders.of(ticket, type: type) + [
          ("cache-control", "private, max-age=3600"),
          // A location that only our own answers reach (`sluice.conf`).
          ("x-accel-redirect", "/sluice-media/\(ticket.mediaID)"),
        ])
    case .failed(let failure, let until):
      return failure.response(wait: (until - clocks.wall) / 1_000)
    }
  }
}

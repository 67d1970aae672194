import Logging
import SluiceCore
import SluicePages
import SluiceServices

/// The operators' pages: who may see them, and which one is asked for.
package final class ConsoleService: RequestHandler {
  private let context: ServiceContext
  private let ledger: any InspectableLedger
  private let live: any LiveStatus
  private let wake: WakeSender
  private let gate: Gate
  private let access: Access?

  /// What signing in needs; there is none where the console is off.
  private struct Access {
    let seal: SessionSeal
    let proof: Proof
    let throttle: SignInThrottle
  }

  package init(
    context: ServiceContext, ledger: any InspectableLedger, live: any LiveStatus, wake: WakeSender
  ) {
    self.context = context
    self.ledger = ledger
    self.live = live
    self.wake = wake
    gate = Gate(allowed: context.settings.console.allowed)
    access = context.settings.console.password.flatMap { Self.access(context, password: $0) }
  }

  /// - Returns: `nil` where there is no key, and none can be made: the console is then off.
  private static func access(_ context: ServiceContext, password: Secret) -> Access? {
    let file = KeyFile("console.key", in: context.settings.server.stateDirectory)
    do throws(FileError) {
      return Access(
        seal: SessionSeal(secret: try file.findOrMake(), password: password),
        proof: Proof(of: password),
        throttle: SignInThrottle(limiter: context.limiter, clocks: context.clocks))
    } catch {
      context.log.error(
        "the console's key cannot be used", metadata: ["problem": "state_dir/console.key: \(error)"]
      )
      return nil
    }
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    guard let access, let path = ConsolePath(request.path) else {
      return .answered(.error(404, "There is nothing at this address."))
    }
    guard gate.admits(request) else {
      context.lines.write(
        .consoleRefused, to: context.log, ["address": "\(request.remoteAddress ?? "unknown")"])
      return .answered(.error(403, "The console is not open to this address (console.allow)."))
    }
    if path.segments == [Style.name] { return .answered(Style.response) }
    guard ["GET", "HEAD", "POST"].contains(request.method) else {
      return .answered(
        .error(405, "This address takes GET and POST.", headers: [("allow", "GET, HEAD, POST")]))
    }
    return .blocking { .answered(self.respond(to: request, at: path, access)) }
  }

  private func respond(
    to request: HTTPRequest, at path: ConsolePath, _ access: Access
  ) -> HTTPResponse {
    let now = context.clocks.wall
    let known = SessionCookie.value(in: request).flatMap { access.seal.session(in: $0, now: now) }
    // Whoever is not known gets a session too: the sign-in form needs a token of its own.
    let session = known ?? Session(isSignedIn: false, expires: now + Self.visitMilliseconds)
    let visit = Visit(
      base: path.base, formToken: access.seal.formToken(for: session), now: now)
    var response: HTTPResponse
    if request.method == "POST" {
      guard Gate.isSameOrigin(request), let form = FormFields(request.body),
        access.seal.isFormToken(form["csrf"], of: session)
      else { return outdated(visit) }
      if path.segments == ["sign-in"] {
        return signIn(form, request, visit, access)
      }
      guard session.isSignedIn else { return toSignIn(path, request) }
      if path.segments == ["sign-out"] {
        return Self.redirect(
          to: "\(visit.base)/sign-in",
          [SessionCookie.removal(visit.base, isSecure: request.isSecure)])
      }
      response = act(path.segments, form, visit)
    } else if path.segments == ["sign-in"] {
      response = signInPage(visit, to: FormFields(request.query.utf8)?["to"] ?? "")
    } else if !session.isSignedIn {
      return toSignIn(path, request)
    } else {
      response = page(path.segments, FormFields(request.query.utf8), visit)
    }
    if known == nil {
      response.headers.append(
        SessionCookie.header(
          access.seal.cookie(for: session), visit.base, isSecure: request.isSecure))
    }
    return response
  }

  // MARK: - Signing in

  private func signInPage(
    _ visit: Visit, to destination: String, problem: String? = nil, status: Int = 200
  ) -> HTTPResponse {
    Frame(
      title: "Sign in", status: status,
      content: SignInPage(destination: destination, problem: problem).content(visit)
    ).response(visit)
  }

  private func signIn(
    _ form: FormFields, _ request: HTTPRequest, _ visit: Visit, _ access: Access
  ) -> HTTPResponse {
    let (address, to) = (request.remoteAddress ?? "", form["to"] ?? "")
    let known = SessionCookie.familiarity(in: request)
    let familiar = known.flatMap(access.seal.familiar)
    if let wait = access.throttle.wait(for: address, familiar: familiar) {
      var response = signInPage(
        visit, to: to,
        problem: "Too many attempts. Try again in \(Words.count(Int(wait), "second")).",
        status: 429)
      response.headers.append(("retry-after", "\(wait)"))
      return response
    }
    guard access.proof.isProven(by: form["password"]) else {
      context.lines.write(.passwordRefused, to: context.log, ["address": "\(address)"])
      return signInPage(visit, to: to, problem: "This is not the password.", status: 403)
    }
    context.log.notice("console: signed in", metadata: ["address": "\(address)"])
    // A new session, so that one that somebody else planted gains nothing.
    let session = Session(
      isSignedIn: true,
      expires: visit.now + context.settings.console.sessionMilliseconds)
    let cookie = SessionCookie.header(
      access.seal.cookie(for: session), visit.base, isSecure: request.isSecure)
    let familiarity = SessionCookie.familiarityHeader(
      familiar == nil ? access.seal.familiarity() : known ?? "", visit.base,
      isSecure: request.isSecure)
    return Self.redirect(
      to: Self.isOwn(to, visit) ? to : "\(visit.base)/", [cookie, familiarity])
  }

  private func toSignIn(_ path: ConsolePath, _ request: HTTPRequest) -> HTTPResponse {
    let wanted =
      request.method == "POST" || path.segments.isEmpty
      ? "" : request.path + (request.query.isEmpty ? "" : "?\(request.query)")
    let query = wanted.isEmpty ? "" : "?to=\(FormFields.percent(wanted))"
    return Self.redirect(to: "\(path.base)/sign-in\(query)")
  }

  /// Whether an address is one of the console's pages, and nothing that a browser would take for
  /// another host, or a second header.
  private static func isOwn(_ address: String, _ visit: Visit) -> Bool {
    address.hasPrefix("\(visit.base)/") && address.utf8.count <= 1_000
      && address.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
  }

  private func outdated(_ visit: Visit) -> HTTPResponse {
    problem(
      403, "This form is no longer valid",
      "Its session has ended, or another site sent it. Nothing was changed. Go back and try again.",
      visit, place: nil)
  }

  // MARK: - Pages

  private func page(_ segments: [String], _ query: FormFields?, _ visit: Visit) -> HTTPResponse {
    guard let query else { return notFound(visit) }
    do throws(LedgerError) {
      return try find(segments, query, visit)?.response(visit) ?? notFound(visit)
    } catch {
      context.log.error("console: the ledger cannot be read", metadata: ["problem": "\(error)"])
      return problem(503, "The ledger cannot be read", error.description, visit)
    }
  }

  private func find(
    _ segments: [String], _ query: FormFields, _ visit: Visit
  ) throws(LedgerError) -> Frame? {
    let desk = Desk(
      settings: context.settings, ledger: ledger, live: live, now: visit.now)
    let notice = Notice(query)?.shown
    switch (segments.first, segments.count) {
    case (nil, _):
      let page = try desk.overview(
        filter: query["channel"] ?? "", page: query["page"].flatMap { Int($0) } ?? 1)
      return Frame(
        title: "Overview", place: .overview, notice: notice, content: page.content(visit))
    case ("channels", 2):
      guard let name = ChannelName(segments[1]), let page = try desk.channel(name) else {
        return nil
      }
      return Frame(
        title: name.description, place: .overview, notice: notice, content: page.content(visit))
    case ("queue", 1):
      let page = try desk.queue(page: query["page"].flatMap { Int($0) } ?? 1)
      return Frame(title: "Queue", place: .queue, content: page.content(visit))
    case ("messages", 1):
      let page = try desk.messages(MessageForm(query))
      return Frame(title: "Messages", place: .messages, content: page.content(visit))
    case ("messages", 2):
      guard let id = MessageID(segments[1]), let page = try desk.trace(id) else { return nil }
      return Frame(
        title: "Message \(id)", place: .messages, notice: notice, content: page.content(visit))
    case ("dead", 1):
      let page = try desk.deadLetters(DeadLetterForm(query))
      return Frame(
        title: "Dead letters", place: .dead, notice: notice, content: page.content(visit))
    case ("quarantine", 1):
      var page = try desk.quarantine(
        channel: query["channel"] ?? "", before: query["before"].flatMap { Int64($0) })
      page.after = query["after"].flatMap { Int64($0) }
      return Frame(
        title: "Quarantine", place: .quarantine, notice: notice, content: page.content(visit))
    default: return nil
    }
  }

  private func notFound(_ visit: Visit) -> HTTPResponse {
    problem(
      404, "There is nothing here", "What this address names does not exist, or was deleted.", visit
    )
  }

  private func problem(
    _ status: Int, _ title: String, _ text: String, _ visit: Visit,
    place: Frame.Place? = .overview
  ) -> HTTPResponse {
    Frame(
      title: title, place: place, status: status,
      content: "<h1>\(title)</h1><p class=\"lead\">\(text)</p>"
    ).response(visit)
  }

  // MARK: - Actions

  private func act(_ segments: [String], _ form: FormFields, _ visit: Visit) -> HTTPResponse {
    let quarantine = QuarantineReplay(
      ledger, settings: context.settings, clocks: context.clocks, log: context.log)
    let actions = Actions(
      ledger: ledger, quarantine: quarantine, wake: wake, clocks: context.clocks)
    do throws(LedgerError) {
      guard let result = try actions.perform(segments, form) else { return notFound(visit) }
      context.log.notice(
        "console: changed",
        metadata: ["what": "\(segments.joined(separator: "/"))", "count": "\(result.notice.count)"])
      let mark = result.page.contains("?") ? "&" : "?"
      return Self.redirect(to: "\(visit.base)/\(result.page)\(mark)\(result.notice.query)")
    } catch {
      context.log.error("console: the ledger refuses", metadata: ["problem": "\(error)"])
      return problem(503, "Nothing was changed", error.description, visit)
    }
  }

  private static func redirect(
    to address: String, _ headers: [(name: String, value: String)] = []
  ) -> HTTPResponse {
    HTTPResponse(
      status: 303, headers: [("location", address), ("cache-control", "no-store")] + headers)
  }

  /// How long the sign-in page's form is good for.
  private static let visitMilliseconds: Int64 = 3_600_000
}

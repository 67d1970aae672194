import SluiceCore
import Synchronization

/// What the page and the tests call, below `/sandbox/api/`:
///
///     GET    state?epoch=&since=      what changed on the page
///     POST   phone                    {channel, contact, text | message, name?, echo?}
///     POST   inbox                    {channel, contact, text | message}; waits for Sluice
///     POST   media                    {type, size}: private media, which a message on the phone can name
///     GET    media?id=                how often it was fetched
///     GET    arrivals, sends          ?channel=&since=&limit=, or summary=1&texts=0
///     GET    messages                 what is on the phones, and how often it came there:
///                                     ?channel=&reference=&id=&contact=&doubles=1, or summary=1
///     GET    lookups                  questions to the provider: ?channel=&since=&limit=
///     GET    violations               ?channel=&since=
///     GET    callbacks                what became of the webhooks to Sluice
///     GET    attempts                 each attempt to post one: ?channel=&since=&limit=
///     POST   callbacks                {channel, id? | reference?, contact?, steps}: posts these now
///     POST   script                   {channel?, steps?}: these follow each send from now on
///     GET    options
///     POST   options                  {channel?, reference?, forgetful?, echo?, maxEvents?}
///     GET    faults
///     POST   faults                   see ``Fault``
///     DELETE faults
///     POST   release                  answers that are held back leave now
///     POST   mids                     {channel, mIds?, any?}: somebody else calls /message
///     POST   reports                  {deliveredMilliseconds?, readMilliseconds?}; absent is never
///     POST   reset
///
/// The parameters and answers in full are in <doc:TestInterface>.
struct SandboxInterface: Sendable {
  let context: SandboxContext
  let provider: ProviderEnd
  let inbox: InboxEnd

  init(_ context: SandboxContext, provider: ProviderEnd) {
    self.context = context
    self.provider = provider
    inbox = InboxEnd(context: context)
  }

  /// - Parameter words: The path's segments below `/sandbox/api`.
  func respond(to request: HTTPRequest, words: [String]) -> HTTPResponse {
    guard words.count == 1 else { return .error(404, "There is no such call.") }
    // Browsers say where a request comes from; other programs say nothing.
    let site = request.headers["sec-fetch-site"] ?? "none"
    guard request.method == "GET" || site == "same-origin" || site == "none" else {
      return .error(403, "Other sites may not call this.")
    }
    guard let query = FormFields(request.query.utf8) else {
      return .error(400, "The query is not form-encoded.")
    }
    do throws(InterfaceError) {
      switch (request.method, words[0]) {
      case ("GET", "state"): return state(query)
      case ("GET", "arrivals"): return try LogInterface(context: context).arrivals(query)
      case ("GET", "sends"): return try LogInterface(context: context).sends(query)
      case ("GET", "messages"): return try LogInterface(context: context).messages(query)
      case ("GET", "lookups"): return try LogInterface(context: context).lookups(query)
      case ("GET", "attempts"): return try LogInterface(context: context).attempts(query)
      case ("GET", "violations"): return try LogInterface(context: context).violations(query)
      case ("GET", "callbacks"): return callbacks()
      case ("POST", "callbacks"): return try order(try body(request))
      case ("POST", "script"): return try setScript(try body(request))
      case ("GET", "options"): return options()
      case ("POST", "options"): return try setOptions(try body(request))
      case ("POST", "phone"): return try phone(try body(request))
      case ("POST", "inbox"): return try send(try body(request))
      case ("POST", "media"): return try addMedia(try body(request))
      case ("GET", "media"): return try media(query["id"] ?? "")
      case ("GET", "faults"): return faults()
      case ("POST", "faults"): return try addFault(try body(request))
      case ("DELETE", "faults"):
        context.state.withLock { $0.faults.clear() }
        return faults()
      case ("POST", "release"):
        context.holds.release()
        return HTTPResponse(status: 200, json: [:])
      case ("POST", "mids"): return try learn(try body(request))
      case ("POST", "reports"): return try setReports(try body(request))
      case ("POST", "reset"):
        context.reset()
        return HTTPResponse(status: 200, json: [:])
      default: return .error(404, "There is no such call.")
      }
    } catch {
      return .error(error.status, error.message)
    }
  }

  private func body(_ request: HTTPRequest) throws(InterfaceError) -> JSON {
    guard request.contentType == "application/json" else {
      throw InterfaceError(415, "Send content-type: application/json.")
    }
    do throws(JSONError) {
      return try JSONReader.read(request.body)
    } catch {
      throw InterfaceError(400, error.description)
    }
  }

  func channel(_ body: JSON) throws(InterfaceError) -> Int {
    guard let name = body["channel"]?.string, let channel = context.index(of: name) else {
      throw InterfaceError(400, "channel must be one of the settings' channels.")
    }
    return channel
  }

  private func contact(_ body: JSON, channel: Int) throws(InterfaceError) -> String {
    do throws(ContactIDError) {
      return try ContactID(
        body["contact"]?.string ?? "", type: context.configuration.channels[channel].idType
      ).description
    } catch {
      throw InterfaceError(400, error.description)
    }
  }

  private func content(_ body: JSON) throws(InterfaceError) -> MessageContent {
    if let media = try privateMedia(body["message"]) { return media }
    do throws(MessageContentError) {
      return try MessageContent(
        json: body["message"] ?? ["type": "text", "text": body["text"] ?? .null])
    } catch {
      throw InterfaceError(400, error.description)
    }
  }

  private func state(_ query: FormFields) -> HTTPResponse {
    let since = max(0, query["since"].flatMap { Int($0) } ?? 0)
    let (epoch, revision, violations, isNew, changes) = context.state.withLock { state in
      let isNew = query["epoch"] != String(state.epoch) || since > state.page.revision
      return (
        state.epoch, state.page.revision, state.violations.end, isNew,
        state.page.changes(since: isNew ? 0 : since)
      )
    }
    let head: [JSON.Member] = [
      .init("epoch", .string(String(epoch))), .init("revision", .integer(Int64(revision))),
      .init("violations", .integer(Int64(violations))),
    ]
    let first: [JSON.Member] = isNew ? [.init("new", true), .init("channels", channels)] : []
    return HTTPResponse(
      status: 200, json: .object(head + first + changes.members),
      headers: [("cache-control", "no-store")])
  }

  private var channels: JSON {
    .array(
      context.configuration.channels.map {
        [
          "name": .string($0.name.description), "title": .string($0.title),
          "provider": .string($0.account.kind), "idType": .string($0.idType.rawValue),
        ]
      })
  }

  private func phone(_ body: JSON) throws(InterfaceError) -> HTTPResponse {
    let channel = try channel(body)
    let message = PhoneMessage(
      contact: try contact(body, channel: channel),
      content: try content(body),
      name: body["name"]?.string, isEcho: body["echo"]?.bool ?? false)
    guard let (item, id) = provider.write(message, channel: channel) else {
      throw InterfaceError(400, "The channel's provider has no such messages.")
    }
    return HTTPResponse(
      status: 200, json: ["n": .integer(Int64(item ?? -1)), "id": .string(id)])
  }

  private func send(_ body: JSON) throws(InterfaceError) -> HTTPResponse {
    let channel = try channel(body)
    // What is in the message is for Sluice to judge; the page can draw only what it can read.
    let contact = try contact(body, channel: channel)
    let (item, outcome) = inbox.send(try content(body), to: contact, channel: channel)
    switch outcome {
    case .taken(let mID):
      return HTTPResponse(
        status: 200, json: ["n": .integer(Int64(item)), "mId": .string(mID)])
    case .refused(let reason):
      return HTTPResponse(
        status: 200, json: ["n": .integer(Int64(item)), "error": .string(reason)])
    }
  }

  private func callbacks() -> HTTPResponse {
    let counts = context.state.withLock { $0.channels.map(\.callbacks) }
    return HTTPResponse(
      status: 200,
      json: .object(
        zip(context.configuration.channels, counts).map {
          JSON.Member($0.name.description, $1.json)
        }))
  }

  private func faults() -> HTTPResponse {
    let faults = context.state.withLock { $0.faults.faults }
    return HTTPResponse(status: 200, json: ["faults": .array(faults.map(\.json))])
  }

  private func addFault(_ body: JSON) throws(InterfaceError) -> HTTPResponse {
    if body["channel"] != nil { _ = try channel(body) }
    let fault: Fault
    do throws(FaultError) {
      fault = try Fault(json: body)
    } catch {
      throw InterfaceError(400, error.description)
    }
    context.state.withLock { $0.faults.add(fault) }
    return faults()
  }

  private func learn(_ body: JSON) throws(InterfaceError) -> HTTPResponse {
    let channel = try channel(body)
    let mIDs = (body["mIds"]?.array ?? []).compactMap(\.string)
    context.state.withLock { state in
      for mID in mIDs where state.channels[channel].outbound[mID] == nil {
        state.channels[channel].outbound.set(mID, OutboundRecord(item: nil))
      }
      if let any = body["any"]?.bool { state.channels[channel].takesAnyStatus = any }
    }
    return HTTPResponse(status: 200, json: ["known": .integer(Int64(mIDs.count))])
  }

  private func setReports(_ body: JSON) throws(InterfaceError) -> HTTPResponse {
    let delays = [body["deliveredMilliseconds"], body["readMilliseconds"]].map { $0?.integer }
    guard delays.allSatisfy({ $0.map { (0...3_600_000).contains($0) } ?? true }) else {
      throw InterfaceError(400, "The delays must be whole numbers from 0 to 3600000.")
    }
    let reports = ReportDelays(
      delivered: delays[0].map { Int($0) }, read: delays[1].map { Int($0) })
    context.state.withLock { $0.reports = reports }
    return HTTPResponse(status: 200, json: [:])
  }
}

/// Why a call of the interface is refused.
struct InterfaceError: Error {
  let status: Int
  let message: String

  init(_ status: Int, _ message: String) {
    self.status = status
    self.message = message
  }
}

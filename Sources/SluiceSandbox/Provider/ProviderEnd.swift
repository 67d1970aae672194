import SluiceCore
import Synchronization

/// The provider's end of every channel: takes sends, puts them on the phone, reports what became of
/// them, says so when asked, and passes on what is written on the phone.
struct ProviderEnd: Sendable {
  let context: SandboxContext
  let callbacks: CallbackDelivery
  private let about: MessageCallbacks
  private let plays: [any ProviderPlay]

  /// In front of the API's path: an account that does not recognise idempotency keys.
  static let forgetfulPrefix = "forgetful/"

  init(_ context: SandboxContext) {
    self.context = context
    callbacks = CallbackDelivery(context: context)
    plays = context.configuration.channels.map { $0.account.play(secret: $0.webhookSecret) }
    about = MessageCallbacks(context: context, delivery: callbacks, plays: plays)
  }

  /// One request to send, while it is worked on.
  private struct Sending {
    let channel: Int
    /// Nanoseconds of `CLOCK_BOOTTIME`.
    let boot: UInt64
    /// Unix milliseconds.
    let wall: Int64
    let recognisesKeys: Bool
    let fault: FaultDecision
    let spoiled: HTTPResponse?
    var aftermath = MessageCallbacks.Aftermath()
  }

  /// Answers a request to the API of the channel's provider.
  /// - Parameter path: What follows the channel in the path.
  func reply(to request: HTTPRequest, channel: Int, path: String) -> Reply {
    let boot = context.clocks.boot
    let wall = context.clocks.wall
    let ticket = context.holds.ticket
    let play = plays[channel]
    let isForgetfulPath = path.hasPrefix(Self.forgetfulPrefix)
    let path = isForgetfulPath ? String(path.dropFirst(Self.forgetfulPrefix.count)) : path
    do throws(ProviderRefusal) {
      if let query = try play.lookup(in: request, path: path) {
        return Reply(answer(query, channel: channel, boot: boot, ticket: ticket))
      }
      if let id = try play.mediaID(in: request, path: path) {
        return Reply(media(id, channel: channel, ticket: ticket))
      }
    } catch {
      return Reply(error.response)
    }
    guard request.method == "POST", path == play.sendPath else {
      return Reply(play.failure(status: 404))
    }
    let isForgetful =
      isForgetfulPath || context.state.withLock { $0.channels[channel].options.isForgetful }
    let recognisesKeys = play.isIdempotent && !isForgetful
    let reading: Result<[ProviderMessage], ProviderRefusal>
    do throws(ProviderRefusal) {
      reading = .success(try play.messages(in: request, recognisesKeys: recognisesKeys))
    } catch {
      reading = .failure(error)
    }
    let (response, sending) = context.state.withLock { state in
      let fault = state.faults.decide(
        .provider, channel: name(channel), contact: (try? reading.get())?.first?.to ?? ""
      ) { .random(in: 0..<1) }
      var sending = Sending(
        channel: channel, boot: boot, wall: wall, recognisesKeys: recognisesKeys, fault: fault,
        spoiled: fault.response { play.failure(status: $0) })
      let response = take(reading, &sending, in: &state)
      return (response, sending)
    }
    about.deliver(sending.aftermath.before, ticket: ticket)
    context.holds.wait(milliseconds: sending.fault.delayMilliseconds, ticket: ticket)
    let later = sending.aftermath.answered
    guard !later.isEmpty else { return Reply(response) }
    return Reply(response) { [about] in about.release(later, taken: boot) }
  }

  private func take(
    _ reading: Result<[ProviderMessage], ProviderRefusal>, _ sending: inout Sending,
    in state: inout SandboxState
  ) -> HTTPResponse {
    let play = plays[sending.channel]
    switch reading {
    case .failure(let refusal):
      let response = sending.spoiled ?? refusal.response
      state.sends.append(
        Send(
          boot: sending.boot, channel: UInt16(sending.channel), answer: response.recordedStatus,
          isTaken: false, isRepeat: false, to: "", reference: "", externalID: "", text: ""))
      context.note(
        .providerRefused, channel: sending.channel, contact: "",
        "HTTP \(response.recordedStatus): the request as a whole", in: &state)
      return response
    case .success(let messages):
      var results: [(message: ProviderMessage, result: SendResult)] = []
      for message in messages {
        guard sending.fault.isTaken else {
          record(
            message, nil, false, sending.spoiled?.recordedStatus ?? 0, sending, in: &state)
          continue
        }
        let (result, isRepeat) = result(of: message, sending, in: state)
        results.append((message, result))
        let status =
          sending.spoiled?.recordedStatus
          ?? play.answer([(message, result)], now: sending.wall).recordedStatus
        record(message, result, isRepeat, status, sending, in: &state)
        if case .taken(let id) = result, !(isRepeat && sending.recognisesKeys) {
          arrive(message, id: id, &sending, in: &state)
        }
      }
      return sending.spoiled ?? play.answer(results, now: sending.wall)
    }
  }

  private func result(
    of message: ProviderMessage, _ sending: Sending, in state: SandboxState
  ) -> (SendResult, isRepeat: Bool) {
    let channel = sending.channel
    let known =
      message.reference.isEmpty
      ? nil : state.phones.entry(reference: message.reference, channel: UInt16(channel))
    if let id = known?.copies.last?.id, sending.recognisesKeys { return (.taken(id: id), true) }
    guard !message.text.isEmpty || message.url != nil else {
      return (.refused(code: "EMPTY_MESSAGE", reason: "The message is empty."), false)
    }
    let isLegal =
      (try? ContactID(message.to, type: context.configuration.channels[channel].idType)) != nil
    guard isLegal, PhoneBehaviour(number: message.to) != .invalid else {
      return (.invalidNumber, false)
    }
    return (.taken(id: plays[channel].makeID()), known != nil)
  }

  private func record(
    _ message: ProviderMessage, _ result: SendResult?, _ isRepeat: Bool, _ status: UInt16,
    _ sending: Sending, in state: inout SandboxState
  ) {
    var id = ""
    var detail = message.text
    var step = TimelineEntry.Step.providerRefused
    switch result {
    case .taken(let taken)?: (id, step) = (taken, .providerReceived)
    case .refused(_, let reason)?: detail = reason
    case nil: detail = status == 0 ? "Connection closed" : "HTTP \(status)"
    }
    if isRepeat { detail = "Repeat: \(detail)" }
    state.sends.append(
      Send(
        boot: sending.boot, channel: UInt16(sending.channel), answer: status,
        isTaken: !id.isEmpty && !(isRepeat && sending.recognisesKeys), isRepeat: isRepeat,
        to: message.to.head(bytes: 60), reference: message.reference.head(bytes: 100),
        externalID: id, text: message.text.head(bytes: Arrival.maximumTextBytes)))
    context.note(
      step, channel: sending.channel, contact: message.to.head(bytes: 60), detail, in: &state)
  }

  /// Puts a message on the phone, and its callbacks on their way.
  private func arrive(
    _ message: ProviderMessage, id: String, _ sending: inout Sending, in state: inout SandboxState
  ) {
    let channel = sending.channel
    state.page.add(
      .phone, channel: name(channel), contact: message.to, kind: message.kind, text: message.text,
      url: message.url, status: .received, wall: sending.wall)
    state.phones.arrive(
      message, copy: PhoneEntry.Copy(id: id, boot: sending.boot, wall: sending.wall),
      channel: UInt16(channel))
    let subject = MessageCallbacks.Subject(message: message, id: id, sent: sending.wall)
    for step in about.steps(after: message, channel: channel, in: state) {
      about.schedule(
        step, about: subject, channel: channel, into: &sending.aftermath, in: &state)
    }
  }

  // MARK: - Lookups

  private func answer(
    _ query: LookupQuery, channel: Int, boot: UInt64, ticket: Int
  ) -> HTTPResponse {
    let play = plays[channel]
    let (response, delay) = context.state.withLock { state in
      let found = state.phones.find(query, channel: UInt16(channel), now: boot)
      let contact = found.flatMap {
        state.phones.entry(id: $0.id, channel: UInt16(channel))?.message.to
      }
      let fault = state.faults.decide(.lookup, channel: name(channel), contact: contact ?? "") {
        .random(in: 0..<1)
      }
      let response = fault.response { play.failure(status: $0) } ?? play.answer(found)
      state.lookups.append(
        Lookup(
          boot: boot, channel: UInt16(channel), answer: response.recordedStatus, query: query,
          isFound: found != nil))
      return (response, fault.delayMilliseconds)
    }
    context.holds.wait(milliseconds: delay, ticket: ticket)
    return response
  }

  // MARK: - Media

  private func media(_ id: String, channel: Int, ticket: Int) -> HTTPResponse {
    let play = plays[channel]
    let (response, delay) = context.state.withLock { state in
      let fault = state.faults.decide(.media, channel: name(channel)) { .random(in: 0..<1) }
      let item = state.media.fetch(id)
      let response =
        fault.response { play.failure(status: $0) } ?? item?.response
        ?? play.failure(status: 404)
      return (response, fault.delayMilliseconds)
    }
    context.holds.wait(milliseconds: delay, ticket: ticket)
    return response
  }

  // MARK: - What tests order

  enum Order: Equatable {
    /// So many callbacks are on their way.
    case scheduled(Int)
    case unknownMessage
  }

  /// Puts callbacks on their way about one message, or about none at all.
  func order(
    _ steps: [CallbackStep], about query: LookupQuery?, contact: String, channel: Int
  ) -> Order {
    context.state.withLock { state in
      let subject: MessageCallbacks.Subject
      if let query {
        guard let found = state.phones.find(query, channel: UInt16(channel), now: .max),
          let entry = state.phones.entry(id: found.id, channel: UInt16(channel)),
          let copy = entry.copies.first(where: { $0.id == found.id })
        else { return .unknownMessage }
        subject = .init(message: entry.message, id: copy.id, sent: copy.wall)
      } else {
        subject = .init(
          message: ProviderMessage(to: contact, reference: "", text: ""), id: "",
          sent: context.clocks.wall)
      }
      var count = 0
      for var step in steps {
        step.when = .taken
        var aftermath = MessageCallbacks.Aftermath()
        count += about.schedule(
          step, about: subject, channel: channel, into: &aftermath, in: &state)
      }
      return .scheduled(count)
    }
  }

  /// Takes what was written on the phone, or in the business's own app.
  /// - Returns: The page's number of it, and the provider's ID; `nil` where this provider knows no
  ///   such message.
  func write(_ message: PhoneMessage, channel: Int) -> (item: Int?, id: String)? {
    let wall = context.clocks.wall
    let play = plays[channel]
    let id = play is SandboxPlay ? "in-" + RandomID.hex() : play.makeID()
    guard let call = play.webhook(message, id: id, to: context.sluiceURL(channel), now: wall) else {
      return nil
    }
    return context.state.withLock { state in
      let (kind, text, url) = message.summary
      let item = state.page.add(
        .phone, channel: name(channel), contact: message.contact, kind: kind, text: text, url: url,
        name: message.isEcho ? "Business" : nil, status: .sending, wall: wall)
      context.note(.phoneWrote, channel: channel, contact: message.contact, text, in: &state)
      let prepared = callbacks.prepare(
        call, .inbound(item: item), subject: id, channel: channel, contact: message.contact,
        in: &state)
      for callback in prepared { context.callbacks.push(callback) }
      return (item, id)
    }
  }

  private func name(_ channel: Int) -> String {
    context.configuration.channels[channel].name.description
  }
}

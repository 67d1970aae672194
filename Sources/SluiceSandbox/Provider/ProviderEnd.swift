import SluiceCore
import Synchronization

/// The provider's end of every channel: takes sends, puts them on the phone, reports what became of
/// them, and passes on what is written there.
struct ProviderEnd: Sendable {
  let context: SandboxContext
  let callbacks: CallbackDelivery
  private let plays: [any ProviderPlay]

  init(_ context: SandboxContext) {
    self.context = context
    callbacks = CallbackDelivery(context: context)
    plays = context.configuration.channels.map { $0.account.play(secret: $0.webhookSecret) }
  }

  /// Answers a request to the API of the channel's provider.
  /// - Parameter path: What follows the channel in the path.
  func respond(to request: HTTPRequest, channel: Int, path: String) -> HTTPResponse {
    let boot = context.clocks.boot
    let wall = context.clocks.wall
    let play = plays[channel]
    guard request.method == "POST", path == play.sendPath else { return play.failure(status: 404) }
    let reading: Result<[ProviderMessage], ProviderRefusal>
    do throws(ProviderRefusal) {
      reading = .success(try play.messages(in: request))
    } catch {
      reading = .failure(error)
    }
    let (response, delay) = context.state.withLock { state in
      let fault = state.faults.decide(.provider, channel: name(channel)) { .random(in: 0..<1) }
      let response = take(
        reading, channel: channel, boot: boot, wall: wall, fault: fault, in: &state)
      return (response, fault.delayMilliseconds)
    }
    Pause.milliseconds(delay)
    return response
  }

  private func take(
    _ reading: Result<[ProviderMessage], ProviderRefusal>, channel: Int, boot: UInt64, wall: Int64,
    fault: FaultDecision, in state: inout SandboxState
  ) -> HTTPResponse {
    let play = plays[channel]
    let spoiled = fault.response { play.failure(status: $0) }
    switch reading {
    case .failure(let refusal):
      let response = spoiled ?? refusal.response
      state.sends.append(
        Send(
          boot: boot, channel: UInt16(channel), answer: response.recordedStatus, isTaken: false,
          isRepeat: false, to: "", reference: "", externalID: "", text: ""))
      context.note(
        .providerRefused, channel: channel, contact: "",
        "HTTP \(response.recordedStatus): the request as a whole", in: &state)
      return response
    case .success(let messages):
      var results: [(message: ProviderMessage, result: SendResult)] = []
      for message in messages {
        guard fault.isTaken else {
          record(
            message, nil, false, spoiled?.recordedStatus ?? 0, channel: channel, boot: boot,
            in: &state)
          continue
        }
        let (result, isRepeat) = result(of: message, channel: channel, in: &state)
        results.append((message, result))
        let status =
          spoiled?.recordedStatus
          ?? play.answer([(message, result)], now: wall).recordedStatus
        record(message, result, isRepeat, status, channel: channel, boot: boot, in: &state)
        if case .taken(let id) = result, !(isRepeat && play.isIdempotent) {
          arrive(message, id: id, channel: channel, wall: wall, in: &state)
        }
      }
      return spoiled ?? play.answer(results, now: wall)
    }
  }

  private func result(
    of message: ProviderMessage, channel: Int, in state: inout SandboxState
  ) -> (SendResult, isRepeat: Bool) {
    let known =
      message.reference.isEmpty ? nil : state.channels[channel].references[message.reference]
    if let known, plays[channel].isIdempotent { return (.taken(id: known), true) }
    guard !message.text.isEmpty || message.url != nil else {
      return (.refused(code: "EMPTY_MESSAGE", reason: "The message is empty."), false)
    }
    let isLegal =
      (try? ContactID(message.to, type: context.configuration.channels[channel].idType)) != nil
    guard isLegal, PhoneBehaviour(number: message.to) != .invalid else {
      return (.invalidNumber, false)
    }
    let id = plays[channel].makeID()
    if !message.reference.isEmpty { state.channels[channel].references.set(message.reference, id) }
    return (.taken(id: id), known != nil)
  }

  private func record(
    _ message: ProviderMessage, _ result: SendResult?, _ isRepeat: Bool, _ status: UInt16,
    channel: Int, boot: UInt64, in state: inout SandboxState
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
        boot: boot, channel: UInt16(channel), answer: status,
        isTaken: !id.isEmpty && !(isRepeat && plays[channel].isIdempotent), isRepeat: isRepeat,
        to: message.to.head(bytes: 60), reference: message.reference.head(bytes: 100),
        externalID: id, text: message.text.head(bytes: Arrival.maximumTextBytes)))
    context.note(step, channel: channel, contact: message.to.head(bytes: 60), detail, in: &state)
  }

  /// Puts a message on the phone, and its reports on their way.
  private func arrive(
    _ message: ProviderMessage, id: String, channel: Int, wall: Int64, in state: inout SandboxState
  ) {
    state.page.add(
      .phone, channel: name(channel), contact: message.to, kind: message.kind, text: message.text,
      url: message.url, status: .received, wall: wall)
    for (after, report) in PhoneBehaviour(number: message.to).reports(state.reports) {
      let call = plays[channel].webhook(
        report, of: message, id: id, sent: wall, to: context.sluiceURL(channel),
        now: wall + Int64(after))
      guard let call else { continue }
      callbacks.schedule(
        call, .report(report.name), channel: channel, contact: message.to, after: after, in: &state)
    }
  }

  /// Takes what was written on the phone.
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
      callbacks.schedule(
        call, .inbound(item: item), channel: channel, contact: message.contact, in: &state)
      return (item, id)
    }
  }

  private func name(_ channel: Int) -> String {
    context.configuration.channels[channel].name.description
  }
}

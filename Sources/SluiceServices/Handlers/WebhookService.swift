import Logging
import SluiceCore

/// A provider's webhooks: messages, echoes, statuses. `sluice-inbound` and `sluice-status` both run
/// it, since providers mix them; that there are two programs lets each be scaled by itself.
package final class WebhookService: RequestHandler {
  private let context: ServiceContext
  private let wake: WakeSender
  private let carrier: HandlerCarrier?
  private let media: MediaPublisher

  package init(context: ServiceContext, wake: WakeSender, carrier: HandlerCarrier?) {
    media = MediaPublisher(context.settings, log: context.log)
    self.context = context
    self.wake = wake
    self.carrier = carrier
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    guard let name = request.channel.flatMap(ChannelAccount.init),
      let channel = context.channel(name.channel),
      let provider = channel.account(name.account)?.provider
    else { return .answered(.error(404, "There is no such channel.")) }
    if let refusal = Self.refusal(of: request, by: provider) {
      return .answered(refusal)
    }
    let now = context.clocks.wall
    let reading: WebhookReading
    do throws(WebhookError) {
      if let answer = try provider.handshake(request) { return .answered(answer) }
      reading = try WebhookReading { () throws(WebhookError) in
        try provider.events(in: request, now: now)
      }
    } catch {
      context.lines.write(
        .webhookRefused, of: name.channel, to: context.log, ["channel": "\(name)"])
      return .answered(.error(provider.unauthenticatedStatus, error.description))
    }
    let record = webhook(request, reading, of: channel, name.account, provider, now: now)
    return .pending { resume in
      self.context.ledger.record(record) { outcome in
        if case .success = outcome { self.log(record) }
        self.count(outcome, of: record)
        resume(.answered(self.reply(outcome, of: provider, on: name.channel)))
      }
    }
  }

  private func count(_ outcome: Result<WebhookReceipt, LedgerError>, of record: WebhookRecord) {
    guard case .success(let receipt) = outcome, !receipt.isRefused else { return }
    let statuses = record.events.count { if case .status = $0.event { true } else { false } }
    for (queue, number) in [
      (Queue.inbound, record.events.count - statuses), (.status, statuses),
    ] where number > 0 {
      context.meters.count(.accepted, queue, of: record.channel, times: number)
    }
  }

  /// Without what was written in groups, where the channel ignores that.
  private func wanted(_ events: [WebhookEvent], on channel: ChannelSettings) -> [WebhookEvent] {
    let wanted = events.filter(channel.wants)
    let ignored = events.count - wanted.count
    guard ignored > 0 else { return wanted }
    context.meters.count(.ignored, .inbound, of: channel.name, times: ignored)
    context.log.debug(
      "group messages ignored",
      metadata: ["channel": "\(channel.name)", "messages": "\(ignored)"])
    return wanted
  }

  private func reply(
    _ outcome: Result<WebhookReceipt, LedgerError>, of provider: any Provider,
    on channel: ChannelName
  ) -> Reply {
    let receipt: WebhookReceipt
    switch outcome {
    case .success(let success): receipt = success
    case .failure(let error): return Reply(context.refusal(for: error))
    }
    context.log.debug(
      "webhook taken",
      metadata: [
        "channel": "\(channel)", "accepted": "\(receipt.accepted)",
        "duplicates": "\(receipt.duplicates)", "parked": "\(receipt.parked)",
        "unfiled": "\(receipt.unfiled)",
      ])
    if receipt.isRefused { return Reply(context.backlogRefusal(channel)) }
    guard receipt.accepted + receipt.unfiled > 0 else {
      return Reply(provider.webhookResponse)
    }
    wake.wake(for: channel)
    guard let carrier else { return Reply(provider.webhookResponse) }
    return Reply(provider.webhookResponse) { carrier.carry(for: channel) }
  }

  /// A line for each event: what it may be found by later, and never what it says.
  private func log(_ record: WebhookRecord) {
    guard context.log.logLevel <= .debug else { return }
    for (event, id) in record.events {
      switch event {
      case .message(let message):
        context.log.debug(
          message.isEcho ? "echo came" : "message came",
          metadata: [
            "mid": "\(id)", "channel": "\(record.channel)",
            "contact": .stringConvertible(Masked(message.contact)),
            "external_id": "\(message.externalID)",
          ])
      case .status(let report):
        context.log.debug(
          "status came",
          metadata: [
            "channel": "\(record.channel)", "external_id": "\(report.externalID)",
            "status": "\(report.status)",
          ])
      }
    }
  }

  private func webhook(
    _ request: HTTPRequest, _ reading: WebhookReading, of channel: ChannelSettings,
    _ account: Account, _ provider: any Provider, now: Int64
  ) -> WebhookRecord {
    let name = ChannelAccount(channel.name, account)
    let events = wanted(reading.events, on: channel).map {
      media.published($0, on: name, of: provider, now: now).qualified(by: account)
    }
    if let problem = reading.problem {
      context.log.warning(
        "webhook not understood; it is in quarantine",
        metadata: [
          "channel": "\(name)", "problem": .stringConvertible(Masked(text: problem)),
          "understood": "\(events.count)",
        ])
    }
    var random = SystemRandomNumberGenerator()
    return WebhookRecord(
      channel: channel.name, account: account, receivedAt: now, contentType: request.contentType,
      query: request.method == "GET" ? request.query(without: provider.proofParameters) : "",
      body: request.body,
      events: events.map { ($0, MessageID(milliseconds: now, using: &random)) },
      problem: reading.problem, terms: channel.intake)
  }

  /// Method and media type, before anything is looked at.
  static func refusal(of request: HTTPRequest, by provider: any Provider) -> HTTPResponse? {
    let methods = provider.webhookMethods
    guard methods.contains(request.method) else {
      return .error(
        405, "This address takes \(methods.joined(separator: " and ")).",
        headers: [("allow", methods.joined(separator: ", "))])
    }
    let types = provider.webhookContentTypes
    guard request.body.isEmpty || request.contentType.map(types.contains) ?? false else {
      return .error(415, "This address takes \(types.joined(separator: " and ")).")
    }
    return nil
  }
}

extension ServiceContext {
  /// The answer when the ledger did not take something: no acknowledgement, and the log says why.
  func refusal(for error: LedgerError) -> HTTPResponse {
    log.critical("the ledger refuses", metadata: ["problem": "\(error)"])
    if case .broken = error {
      // Whatever is wrong, a process started anew looks at it afresh.
      StopSignal.request(status: ExitStatus.ledgerBroken)
    }
    return .error(503, error.publicDescription, headers: [("retry-after", "5")])
  }

  /// The answer when a channel has as much waiting as it may: whoever asked tries again later.
  func backlogRefusal(_ channel: ChannelName) -> HTTPResponse {
    log.error("the channel's queue is full (max_queued)", metadata: ["channel": "\(channel)"])
    return .error(
      503, "Too many messages of this channel are waiting. Try again in a minute.",
      headers: [("retry-after", "60")])
  }
}

/// Exit statuses of the programs, as in `sysexits.h`.
package enum ExitStatus {
  package static let usage: Int32 = 64
  package static let ledgerBroken: Int32 = 74
  package static let settings: Int32 = 78
}

import SluiceCore
import SluiceTesting

/// The provider of each channel: takes sends, and tells by webhooks what came of them and what
/// contacts write. It repeats a webhook until it is answered, and sometimes after.
final class ProviderModel {
  private let plan: Plan
  unowned var world: World!
  /// What was taken, by reference.
  private var taken: [String: String] = [:]
  private var count = 0

  init(_ plan: Plan) { self.plan = plan }

  // MARK: Sends

  struct Send {
    let channel: Int
    let contact: Int
    let reference: String
    /// "o7.0": part 0 of message 7.
    let text: String

    var subject: UInt64 {
      text.utf8.reduce(UInt64(channel)) { $0 &* 31 &+ UInt64($1) } &+ 0x5E4D
    }
  }

  struct Question {
    let channel: Int
    let reference: String

    var subject: UInt64 { 0x100C &+ UInt64(channel) }
  }

  func readSend(_ call: HTTPCall) -> Send {
    guard let json = try? JSONReader.read(call.body),
      let contact = json["to"]?.string.flatMap(Book.contactNumber),
      let reference = json["reference"]?.string, let text = json["text"]?.string
    else { preconditionFailure("the provider cannot read our call") }
    return Send(
      channel: Self.channel(of: call), contact: contact, reference: reference, text: text)
  }

  func readLookup(_ call: HTTPCall) -> Question {
    Question(
      channel: Self.channel(of: call),
      reference: String(call.url.split(separator: "=").last ?? ""))
  }

  private static func channel(of call: HTTPCall) -> Int {
    let path = call.url.utf8.dropFirst("https://provider.example/".utf8.count)
    return Int(path.first ?? 0) - 48
  }

  func take(_ send: Send) -> HTTPResponse {
    let traits = plan.channels[send.channel]
    if traits.isIdempotent, let id = taken[send.reference] { return Self.answer(id) }
    guard let number = Book.number(in: send.text), let message = plan.messages[at: number] else {
      preconditionFailure("the provider was sent \(send.text)")
    }
    guard !message.isPoison else {
      return HTTPResponse(
        status: 400, json: ["error": ["code": "bad", "message": "no such number"]])
    }
    count += 1
    let id = "x\(count)"
    taken[send.reference] = id
    world.note("the provider takes \(send.text) as \(id)")
    world.mix(UInt64(count) << 32 ^ UInt64(number))
    world.book.taken(send, id: id)
    tell(of: send, id: id, message, traits)
    return Self.answer(id)
  }

  private static func answer(_ id: String) -> HTTPResponse {
    HTTPResponse(status: 200, json: ["id": .string(id)])
  }

  func find(_ question: Question) -> HTTPResponse {
    guard let id = taken[question.reference] else {
      world.book.notFound(question.reference)
      return HTTPResponse(status: 404, json: ["error": ["code": "not_found"]])
    }
    let status = world.book.statuses(of: id).max() ?? .sent
    return HTTPResponse(
      status: 200, json: ["id": .string(id), "status": .string(status.description)])
  }

  /// Callbacks and echoes, at all sorts of times.
  private func tell(
    of send: Send, id: String, _ message: Plan.PlannedMessage, _ traits: Plan.Traits
  ) {
    var random = SplitMix64(seed: message.seed ^ UInt64(send.text.utf8.last ?? 0))
    let reference = PartReference(send.reference)
    let stories: [[DeliveryStatus]] = [
      [], [.sent], [.delivered], [.sent, .delivered], [.delivered, .read], [.delivered, .read],
      [.sent, .delivered, .read], [.failed], [.failed, .delivered], [.read],
    ]
    var at = Int64.random(in: 0...400, using: &random)
    if random.chance(0.2) { at += 5_000 }
    let isLate = random.chance(0.05)
    for status in stories.randomElement(using: &random)! {
      let event = WebhookEvent.status(
        StatusReport(
          externalID: id, status: status, reason: status == .failed ? "It failed." : nil,
          reference: traits.givesReferences ? reference : nil))
      let webhook = Webhook(
        channel: send.channel, events: [event], name: "\(status) of \(id)",
        seed: random.next())
      world.book.says(status, of: id)
      if isLate {
        world.lateWebhooks.append(webhook)
      } else {
        // Out of order now and then.
        let moment = random.chance(0.2) ? at / 2 : at
        world.after(moment) { [self] in deliver(webhook) }
      }
      at += Int64.random(in: 0...1_500, using: &random)
    }
    guard traits.echoes != .none else { return }
    let echo = InboundMessage(
      externalID: id, contact: Book.contact(send.contact), content: .text(send.text),
      isEcho: true, reference: traits.echoes == .withReference ? reference : nil)
    let webhook = Webhook(
      channel: send.channel, events: [.message(echo)], name: "echo of \(id)", seed: random.next())
    world.after(random.chance(0.5) ? 0 : 600) { [self] in deliver(webhook) }
  }

  // MARK: Webhooks

  struct Webhook {
    let channel: Int
    let events: [WebhookEvent]
    let name: String
    let seed: UInt64
  }

  /// A contact writes, or the business does from its own phone.
  func write(_ message: Plan.PlannedMessage) {
    let isEcho = message.kind == .echo
    let text = "\(isEcho ? "e" : "i")\(message.number)"
    guard isEcho || message.parts == 1 else { return write(message, inPieces: text) }
    let event = WebhookEvent.message(
      InboundMessage(
        externalID: "in-\(text)", contact: Book.contact(message.contact), content: .text(text),
        isEcho: isEcho))
    deliver(
      Webhook(channel: message.channel, events: [event], name: text, seed: message.seed))
  }

  /// As a gateway passes on the pieces of an SMS: in any order, some late, some never.
  private func write(_ message: Plan.PlannedMessage, inPieces text: String) {
    var random = SplitMix64(seed: message.seed)
    for number in (1...message.parts).shuffled(using: &random) {
      let isLate = random.chance(0.1)
      let at = Int64.random(in: isLate ? 5_000...40_000 : 0...2_000, using: &random)
      let seed = random.next()
      guard !random.chance(0.05) else { continue }
      let piece = InboundMessage(
        externalID: "in-\(text).\(number)", contact: Book.contact(message.contact),
        content: .text(Book.piece(number, of: text)),
        fragment: Fragment(reference: text, number: number, total: message.parts))
      let webhook = Webhook(
        channel: message.channel, events: [.message(piece)],
        name: Book.piece(number, of: text), seed: seed)
      world.after(at) { [self] in deliver(webhook) }
    }
  }

  func deliver(_ webhook: Webhook) {
    world.pending += 1
    attempt(webhook, tries: 1)
    var random = SplitMix64(seed: webhook.seed)
    guard !world.isCalm, random.chance(plan.repeats) else { return }
    world.pending += 1
    world.after(Int64.random(in: 0...3_000, using: &random)) { [self] in
      attempt(webhook, tries: 1)
    }
  }

  private func attempt(_ webhook: Webhook, tries: Int) {
    let process = SimulatedProcess("webhook of \(webhook.name)", in: world)
    let channel = World.channelNames[webhook.channel]
    let settings = world.settings
    let record = WebhookRecord(
      channel: channel, receivedAt: world.wall, contentType: nil, body: [],
      events: webhook.events.map { ($0, world.newID()) },
      terms: (try? settings.channels.channel(channel))??.intake ?? .unbounded)
    world.reach(.intakeBegun, process)
    func again() {
      world.after(Int64(1_500 * tries)) { [self] in
        attempt(webhook, tries: min(tries + 1, 10))
      }
    }
    world.after(world.commitMilliseconds) { [self] in
      guard process.isAlive else { return again() }
      do throws(LedgerError) {
        let ledger = ProcessLedger(ledger: world.ledger, process: process)
        let receipt = try ledger.record(record)
        guard !receipt.isRefused else { return again() }
        world.note("\(webhook.name) is recorded")
        for relay in world.relays { relay.note(channel) }
      } catch {
        return again()
      }
      world.reach(.intakeCommitted, process)
      guard process.isAlive else { return again() }
      world.after(3) { [self] in
        for event in webhook.events { world.book.acknowledged(event, webhook.channel) }
        world.pending -= 1
      }
    }
  }
}

import SluiceCore
import SluiceTesting

/// What was accepted, sent, taken and promised in one history, and whether all that must hold does.
final class Book {
  private let plan: Plan
  unowned var world: World!

  struct Contact: Hashable {
    let channel: Int
    let number: Int
  }

  /// A send or lookup that left.
  final class Departure {
    /// Of the answer, where one came back.
    var status: Int?
    /// The provider said afterwards that it never got it.
    var isDisowned = false
  }

  private struct Sent {
    var departures: [Departure] = []
    /// The provider's IDs for it: one for each time that it was taken.
    var externalIDs: [String] = []
  }

  /// A message that the ledger took.
  private struct Outbound {
    let number: Int
    let parts: Int
    let contact: Contact
    let place: Int
  }

  private struct Acceptance {
    let place: Int
    /// Wall time: when it was accepted, and until when a text that it begins waits for the rest.
    let at: Int64
    let waitsUntil: Int64
  }

  private var places = 0
  /// When each inbound message, or piece of one, was accepted, by its text.
  private var accepted: [String: Acceptance] = [:]
  private var outbound: [MessageID: Outbound] = [:]
  private var sends: [String: Sent] = [:]
  /// Echoes of our own sends, with the provider's ID of each.
  private var ownEchoes: [MessageID: String] = [:]
  /// External IDs that the ledger was told of.
  private var linked: Set<String> = []
  private var dead: Set<MessageID> = []
  private var deadTexts: Set<String> = []
  var replayed: Set<MessageID> = []
  private var deliveredTexts: Set<String> = []
  private var lastPosted: [Contact: Int] = [:]
  private var lastTaken: [Contact: Int] = [:]
  private var acknowledgedTexts: Set<String> = []
  private var acknowledgedIDs: [MessageID: Plan.PlannedMessage] = [:]
  private var told: [String: Set<DeliveryStatus>] = [:]
  private var said: [String: Set<DeliveryStatus>] = [:]
  private var departures: [World.Endpoint: [UInt64]] = [:]
  private var triesOf: [UInt64: UInt64] = [:]
  private let platformLimit: Int
  private let providerLimit: Int?
  private let mayRepeatUnknown: Bool

  init(_ plan: Plan) {
    self.plan = plan
    let tunings =
      [plan.tuning]
      + plan.faults.compactMap { fault in
        if case .reload(let tuning) = fault.kind { tuning } else { nil }
      }
    platformLimit = tunings.map(\.platformLimit).max()!
    let limits = tunings.map(\.providerLimit)
    providerLimit = limits.contains(nil) ? nil : limits.compactMap { $0 }.max()
    mayRepeatUnknown = tunings.contains { $0.repeatsUnknown }
  }

  // MARK: Names

  private static let contacts = (0..<64).map { number in
    (try? ContactID("+6010000\(1_000 + number)"))!
  }

  static func contact(_ number: Int) -> ContactID { contacts[number] }

  static func contactNumber(_ text: String) -> Int? {
    Int(text.utf8.suffix(4).reduce(0) { $0 * 10 + Int($1) - 48 }) - 1_000
  }

  /// "i7.2;", of a text that arrives in pieces.
  static func piece(_ number: Int, of text: String) -> String { "\(text).\(number);" }

  /// What a text is joined of; the text itself if it is whole.
  private static func pieces(of text: String) -> [String] {
    guard text.hasSuffix(";") || text.hasSuffix("]") else { return [text] }
    return text.split(separator: ";").map { chunk in
      chunk.lastIndex(of: "]").map { chunk[chunk.index(after: $0)...] } ?? chunk
    }.filter { !$0.isEmpty }.map { "\($0);" }
  }

  /// 7 of "i7", "e7", "o7.0" and "[part 1 of 2 is missing]i7.2;".
  static func number(in text: String) -> Int? {
    var number = 0
    for byte in (pieces(of: text).first ?? "").utf8.dropFirst() {
      guard (48...57).contains(byte) else { break }
      number = number * 10 + Int(byte) - 48
    }
    return number
  }

  // MARK: What the ledger took

  func accepted(_ event: WebhookEvent, _ id: MessageID, by webhook: WebhookRecord) {
    guard case .message(let message) = event, case .text(let text) = message.content else { return }
    guard !text.hasPrefix("o") else {
      ownEchoes[id] = message.externalID
      return
    }
    guard accepted[text] == nil else { return }
    places += 1
    accepted[text] = Acceptance(
      place: places, at: world.wall,
      waitsUntil: webhook.receivedAt + webhook.terms.joinWindow)
  }

  func accepted(_ message: OutboundMessage) {
    guard case .text(let text) = message.content, let number = Self.number(in: text) else { return }
    places += 1
    outbound[message.id] = Outbound(
      number: number, parts: message.parts.count,
      contact: Contact(
        channel: World.channelNames.firstIndex(of: message.channel)!,
        number: Self.contactNumber(message.contact.description)!), place: places)
  }

  func settled(_ settlement: Settlement) {
    let lease = settlement.lease
    switch settlement.fate {
    case .acknowledge(let receipt):
      if let id = receipt.externalID { linked.insert(id) }
    case .reject:
      dead.insert(lease.id)
      if case .post(let content, _, _, _) = lease.work {
        deadTexts.formUnion(Self.pieces(of: Self.text(content)))
      }
    case .retry, .repeat, .failOver, .release, .await: break
    }
  }

  private static func text(_ content: JSON) -> String {
    (try? JSONReader.read(content.bytes))?["text"]?.string ?? ""
  }

  /// An echo of one of our own sends is about to be posted.
  func leased(_ lease: Lease) {
    guard let externalID = ownEchoes[lease.id] else { return }
    let traits = plan.channels[World.channelNames.firstIndex(of: lease.channel)!]
    guard traits.echoes == .withReference || linked.contains(externalID) else { return }
    world.fail(.echoes, "the echo of \(externalID), a send of ours that is known, is to be posted")
  }

  // MARK: Calls

  /// Which try of the same thing it is.
  func tries(of subject: UInt64) -> UInt64 {
    triesOf[subject, default: 0] += 1
    return triesOf[subject]!
  }

  func departs(_ target: Wire.Target) -> Departure? {
    switch target {
    case .post(let post):
      count(World.Endpoint(channel: post.channel, destination: .platform), limit: platformLimit)
      return nil
    case .lookup(let question):
      count(World.Endpoint(channel: question.channel, destination: .provider), limit: providerLimit)
      return nil
    case .send(let send):
      count(World.Endpoint(channel: send.channel, destination: .provider), limit: providerLimit)
      return departs(send)
    }
  }

  private func departs(_ send: ProviderModel.Send) -> Departure {
    let departure = Departure()
    let isRepeatSafe =
      plan.channels[send.channel].isIdempotent || mayRepeatUnknown
      || PartReference(send.reference).map { replayed.contains($0.message) } ?? false
    if !isRepeatSafe {
      for earlier in sends[send.reference]?.departures ?? [] where !earlier.isDisowned {
        // An error says that it was not taken; anything else says that it was, or nothing.
        if let status = earlier.status, status >= 400 { continue }
        world.fail(
          .once,
          "\(send.text) is sent once more, although the call before "
            + (earlier.status == nil ? "may have reached the provider" : "was accepted"))
      }
    }
    sends[send.reference, default: Sent()].departures.append(departure)
    return departure
  }

  /// A second is half open: calls exactly one second apart do not share one.
  private func count(_ endpoint: World.Endpoint, limit: Int?) {
    guard let limit else { return }
    let now = world.boot
    departures[endpoint, default: []].append(now)
    let times = departures[endpoint]!
    guard times.count > limit, now - times[times.count - 1 - limit] < 1_000_000_000 else { return }
    world.fail(
      .limit,
      "\(limit + 1) calls left for the \(endpoint.destination) of channel \(endpoint.channel)"
        + " within \((now - times[times.count - 1 - limit]) / 1_000_000) ms")
  }

  func notFound(_ reference: String) {
    for departure in sends[reference]?.departures ?? [] { departure.isDisowned = true }
  }

  func taken(_ send: ProviderModel.Send, id: String) {
    sends[send.reference, default: Sent()].externalIDs.append(id)
    guard let reference = PartReference(send.reference), let message = outbound[reference.message]
    else {
      return world.fail(.nothingLost, "\(send.text) was sent, which was never accepted")
    }
    let isFree =
      dead.contains(reference.message) || replayed.contains(reference.message)
      || sends[send.reference]!.externalIDs.count > 1
    guard !isFree else { return }
    let place = message.place * 8 + reference.part
    if let last = lastTaken[message.contact], place < last {
      world.fail(.order, "\(send.text) was taken after what was accepted after it")
    }
    lastTaken[message.contact] = max(lastTaken[message.contact] ?? place, place)
  }

  func delivered(_ text: String, isEcho: Bool, _ contact: Contact) {
    if text.hasPrefix("o") { return }  // Judged when it was leased.
    let pieces = Self.pieces(of: text)
    for piece in pieces where !deliveredTexts.insert(piece).inserted {
      return world.fail(.once, "\(piece) reached the platform under two mIds")
    }
    let acceptances = pieces.compactMap { accepted[$0] }
    guard acceptances.count == pieces.count,
      let first = acceptances.min(by: { $0.place < $1.place })
    else { return world.fail(.nothingLost, "\(text) was posted, which was never accepted") }
    guard deadTexts.isDisjoint(with: pieces) else { return }
    checkWhole(text, begunBy: first)
    let place = first.place
    if let last = lastPosted[contact], place < last {
      world.fail(.order, "\(text) was posted after what was accepted after it")
    }
    lastPosted[contact] = max(lastPosted[contact] ?? 0, place)
  }

  /// A piece that came while its text waited is in it. What wall time says after a jump says nothing.
  private func checkWhole(_ text: String, begunBy first: Acceptance) {
    guard text.contains("missing"), !world.hasJumped,
      let number = Self.number(in: text), let message = plan.messages[at: number]
    else { return }
    for number in 1...message.parts {
      let piece = Self.piece(number, of: "i\(message.number)")
      guard !text.contains(piece), let other = accepted[piece], other.place > first.place,
        other.at < first.waitsUntil
      else { continue }
      world.fail(.whole, "\(text) was posted, although \(piece) was there in time")
    }
  }

  // MARK: What was promised

  func acknowledged(_ event: WebhookEvent, _ channel: Int) {
    switch event {
    case .message(let message):
      if case .text(let text) = message.content { acknowledgedTexts.insert(text) }
    case .status(let report): told[report.externalID, default: []].insert(report.status)
    }
  }

  func acknowledged(_ id: MessageID, of message: Plan.PlannedMessage) {
    acknowledgedIDs[id] = message
  }

  /// The provider knows that of the send.
  func says(_ status: DeliveryStatus, of id: String) { said[id, default: []].insert(status) }

  func statuses(of id: String) -> [DeliveryStatus] {
    // What it said before it said that it failed is superseded by a delivery only.
    let all = said[id] ?? []
    return all.contains(.failed) && !all.contains(.delivered) && !all.contains(.read)
      ? [.failed] : all.filter { $0 != .failed }
  }

  // MARK: The end

  /// Nothing is queued any more: everything promised has been kept, or is a dead letter.
  func audit() {
    let letters = (try? world.ledger.deadLetters(DeadLetterFilter(), limit: 10_000)) ?? []
    let deadParts = Set(
      letters.filter { $0.queue == .outbound }.map { PartReference(message: $0.id, part: $0.part) })
    let deadReports = Set(letters.filter { $0.queue == .status }.map(\.id))
    for text in acknowledgedTexts.sorted() where !text.hasPrefix("o") {
      guard deliveredTexts.contains(text) || deadTexts.contains(text) else {
        return world.fail(.nothingLost, "\(text) was acknowledged and is gone")
      }
    }
    for id in acknowledgedIDs.keys.sorted() {
      guard let message = acknowledgedIDs[id] else { continue }
      audit(id, message, deadParts, deadReports)
      if world.isOver { return }
    }
    if let queue = world.inMemory?.miscounted.first {
      world.fail(.backlog, "\(queue.channel) counts \(queue.queued) in \(queue.queue)")
    }
  }

  private func audit(
    _ id: MessageID, _ message: Plan.PlannedMessage, _ deadParts: Set<PartReference>,
    _ deadReports: Set<MessageID>
  ) {
    let references = (0..<message.parts).map { PartReference(message: id, part: $0) }
    let isDead = references.contains { deadParts.contains($0) } || replayed.contains(id)
    var statuses: [DeliveryStatus] = []
    for reference in references {
      let ids = sends[reference.description]?.externalIDs ?? []
      if ids.isEmpty, !isDead {
        // A part after one that failed is not sent; any other must be.
        guard
          references.contains(where: { other in
            other.part < reference.part && hasFailed(other, deadParts)
          })
        else {
          return world.fail(.nothingLost, "o\(message.number) was acknowledged and not sent")
        }
      }
      statuses.append(status(of: reference, deadParts))
    }
    // Sent twice, replayed or given up: there is more than one truth.
    guard !replayed.contains(id), !deadReports.contains(id),
      references.allSatisfy({ sends[$0.description]?.externalIDs.count ?? 0 < 2 })
    else { return }
    let truth = DeliveryStatus.fold(statuses)
    guard truth == .delivered || truth == .read || truth == .failed else { return }
    let heard = world.platform.statuses[id]
    guard heard != truth else { return }
    world.fail(
      .truth,
      "o\(message.number) (\(id)) is \(truth), and the platform last heard"
        + " \(heard.map { "\($0)" } ?? "nothing")")
  }

  /// Whether a part has failed, whatever we were told of it afterwards.
  private func hasFailed(_ reference: PartReference, _ deadParts: Set<PartReference>) -> Bool {
    deadParts.contains(reference)
      || (sends[reference.description]?.externalIDs ?? []).contains {
        told[$0]?.contains(.failed) ?? false
      }
  }

  /// A part's, as far as we were told.
  private func status(
    of reference: PartReference, _ deadParts: Set<PartReference>
  ) -> DeliveryStatus {
    var status = deadParts.contains(reference) ? DeliveryStatus.failed : .queued
    let channel = outbound[reference.message]?.contact.channel ?? 0
    for id in sends[reference.description]?.externalIDs ?? [] {
      guard linked.contains(id) || plan.channels[channel].givesReferences else { continue }
      if status == .queued, linked.contains(id) { status = .sent }
      for next in (told[id] ?? []).sorted(by: {
        ($0 == .failed ? 0 : 1, $0) < ($1 == .failed ? 0 : 1, $1)
      })
      where status.canBecome(next) {
        status = next
      }
    }
    return status
  }
}

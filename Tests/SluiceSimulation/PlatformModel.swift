import SluiceCore
import SluiceTesting

/// The platform: takes what our carriers post, knows repeats by their mId, and sends messages by
/// `/message`, again and again until one is answered.
final class PlatformModel {
  private let plan: Plan
  unowned var world: World!
  private var taken: Set<MessageID> = []
  /// The status of each message that `/message` gave an mId for.
  private(set) var statuses: [MessageID: DeliveryStatus] = [:]
  /// mIds that were returned, or may have been.
  private var known: Set<MessageID> = []
  /// Who works on a `/message` that is not answered yet.
  private var handlers: [MessageID: SimulatedProcess] = [:]

  init(_ plan: Plan) { self.plan = plan }

  // MARK: What we post

  /// A call of ours, read.
  struct Post: CustomStringConvertible {
    let channel: Int
    let contact: Int
    let events: [Event]

    struct Event {
      let id: MessageID
      let kind: Kind
    }

    enum Kind {
      /// "i7" of message 7, "e7" of an echo, "o7.0" of an echo of part 0 of message 7.
      case message(text: String, isEcho: Bool)
      case status(DeliveryStatus)
    }

    var subject: UInt64 {
      events.reduce(UInt64(channel) << 8 | UInt64(contact)) { sum, event in
        switch event.kind {
        case .message(let text, _): text.utf8.reduce(sum) { $0 &* 31 &+ UInt64($1) }
        case .status(let status): sum &* 31 &+ UInt64(status.rawValue) &+ 7_777
        }
      }
    }

    var description: String {
      events.map { event in
        switch event.kind {
        case .message(let text, let isEcho): isEcho ? "echo \(text)" : text
        case .status(let status): "\(status) of \(event.id)"
        }
      }.joined(separator: ", ") + " to the platform"
    }
  }

  func read(_ call: HTTPCall) -> Post {
    guard let json = try? JSONReader.read(call.body),
      let channel = json["channelId"]?.string.flatMap({ Int($0) }),
      let contact = json["contactId"]?.string.flatMap(Book.contactNumber)
    else { preconditionFailure("the platform cannot read our call") }
    let events = (json["events"]?.array ?? []).map { event in
      let id = MessageID(event["mId"]?.string ?? "")!
      if let status = event["status"]?["value"]?.string.flatMap({ DeliveryStatus($0) }) {
        return Post.Event(id: id, kind: .status(status))
      }
      return Post.Event(
        id: id,
        kind: .message(
          text: event["message"]?["text"]?.string ?? "",
          isEcho: event["type"]?.string == "message_echo"))
    }
    return Post(channel: channel, contact: contact, events: events)
  }

  func take(_ post: Post) -> HTTPResponse {
    // One event that it refuses makes it refuse the call.
    for event in post.events {
      guard case .message(let text, _) = event.kind, let number = Book.number(in: text),
        plan.messages[at: number]?.isPoison == true, !text.hasPrefix("o")
      else { continue }
      return HTTPResponse(status: 400)
    }
    for event in post.events { take(event, post) }
    return HTTPResponse(status: 200)
  }

  private func take(_ event: Post.Event, _ post: Post) {
    world.mix(event.id.high ^ event.id.low)
    switch event.kind {
    case .message(let text, let isEcho):
      guard taken.insert(event.id).inserted else { return }
      world.note("the platform takes \(text)")
      world.book.delivered(
        text, isEcho: isEcho, Book.Contact(channel: post.channel, number: post.contact))
    case .status(let status):
      world.note("the platform hears: \(event.id) is \(status)")
      world.mix(UInt64(status.rawValue))
      // A handler that stands still, or died, gave no answer in time: nothing else can be done.
      // How long ago it began is known by wall time only.
      let isExcused =
        world.hasJumped || (handlers[event.id].map { !$0.isAlive || $0.wasPaused } ?? false)
      guard known.contains(event.id) || isExcused else {
        return world.fail(.forward, "\(status) is for \(event.id), which /message never returned")
      }
      let current = statuses[event.id] ?? .sent
      guard status != current else { return }
      guard current.canBecome(status) else {
        return world.fail(.forward, "\(event.id) became \(status) after \(current)")
      }
      statuses[event.id] = status
    }
  }

  // MARK: What it sends

  func isKept(_ id: MessageID, by process: SimulatedProcess) { handlers[id] = process }

  func submit(_ message: Plan.PlannedMessage) {
    world.pending += 1
    attempt(message, tries: 1)
  }

  private func attempt(_ message: Plan.PlannedMessage, tries: Int) {
    Submission(message, in: world).run { [self] answer in
      switch answer {
      case .taken(let id):
        world.note("the platform has \(id) for o\(message.number)")
        known.insert(id)
        world.book.acknowledged(id, of: message)
        world.pending -= 1
      case .refused: world.pending -= 1
      case .again(let id):
        // The answer was lost, and perhaps not its effect.
        if let id { known.insert(id) }
        world.after(Int64(1_000 * tries)) { [self] in
          attempt(message, tries: min(tries + 1, 10))
        }
      }
    }
  }
}

extension [Plan.PlannedMessage] {
  /// By its number: a plan that was made smaller has gaps.
  subscript(at number: Int) -> Plan.PlannedMessage? {
    if indices.contains(number), self[number].number == number { return self[number] }
    return first { $0.number == number }
  }
}

import SluiceCore
import SluiceTesting

/// The wire between one process and both other sides.
final class SimulatedTransport: CallTransport {
  private let process: SimulatedProcess
  private var world: World { process.world }
  private var results: [(ticket: UInt64, result: CallResult)] = []
  private var open: Set<UInt64> = []
  var onChange: () -> Void = {}

  init(_ process: SimulatedProcess) { self.process = process }

  var underWay: Int { open.count }

  func begin(
    _ call: HTTPCall, ticket: UInt64, timeout: Double, departure: @escaping () -> Bool
  ) {
    open.insert(ticket)
    let deadline = world.boot + UInt64(timeout * 1e9)
    let wire = Wire(call, timeout: timeout, world: world)
    world.reach(.callBegun, process)
    depart(wire, ticket: ticket, deadline: deadline, after: wire.connect, departure)
  }

  private func depart(
    _ wire: Wire, ticket: UInt64, deadline: UInt64, after milliseconds: Int64,
    _ departure: @escaping () -> Bool
  ) {
    let world = world
    world.after(milliseconds) { [self] in
      // What had not left when its process died never leaves.
      guard process.isAlive else { return }
      guard !process.isPaused else {
        // A process that stands still while it connects would leave late by more than a second,
        // which no bucket can make good; that is not held against it here.
        return world.at(process.pausedUntil) { [self] in
          end(ticket, .notSent(reason: "stood still"))
        }
      }
      guard world.boot < deadline else { return end(ticket, .notSent(reason: "timed out")) }
      guard wire.fate != .refused else {
        world.note("\(process.name): \(wire.name) is refused")
        return end(ticket, .notSent(reason: "connection refused"))
      }
      if departure() { onChange() }
      world.note("\(process.name): \(wire.name) leaves (\(wire.fate))")
      wire.depart { [weak self] response in
        guard let self else { return }
        if world.boot < deadline {
          end(ticket, .answered(response))
        }
      }
      world.at(deadline) { [weak self] in
        self?.end(ticket, .unanswered(reason: "timed out"))
      }
    }
  }

  private func end(_ ticket: UInt64, _ result: CallResult) {
    guard open.remove(ticket) != nil, process.isAlive else { return }
    results.append((ticket, result))
    onChange()
  }

  func takeResults() -> [(ticket: UInt64, result: CallResult)] {
    defer { results = [] }
    return results
  }

  /// For a handler that waits: the world goes on meanwhile.
  func wait(
    until time: UInt64, waking descriptors: [Int32]
  ) -> [(ticket: UInt64, result: CallResult)] {
    let world = world
    let time = max(time, world.boot + 1_000)
    world.nested {
      world.run(until: time) { [self] in !results.isEmpty || !process.isAlive }
      while process.isAlive, process.isPaused {
        world.run(until: process.pausedUntil) { [self] in !process.isAlive }
      }
    }
    guard process.isAlive else {
      // Its carrier has to come to an end; nothing of it counts any more.
      defer { open = [] }
      return open.sorted().map { ($0, .notSent(reason: "dead")) }
    }
    if !results.isEmpty { world.reach(.resultIn, process) }
    return takeResults()
  }
}

/// One call on its way: what becomes of it is decided when it begins.
final class Wire {
  enum Fate: Equatable {
    case fine
    /// Never arrives.
    case lost
    /// Arrives, and its answer does not.
    case answerLost
    /// Arrives after our time-out.
    case late
    case fails(status: Int)
    case throttled
    case refused
  }

  let target: Target
  let fate: Fate
  /// Milliseconds.
  let connect: Int64
  private let way: Int64
  private let work: Int64
  private let lateness: Int64
  private let errorComesAfter: Bool
  private let world: World

  enum Target {
    case post(PlatformModel.Post)
    case send(ProviderModel.Send)
    case lookup(ProviderModel.Question)
  }

  init(_ call: HTTPCall, timeout: Double, world: World) {
    self.world = world
    let isPlatform = call.url.hasPrefix("https://platform.")
    target =
      isPlatform
      ? .post(world.platform.read(call))
      : call.method == "GET"
        ? .lookup(world.provider.readLookup(call))
        : .send(world.provider.readSend(call))
    let (channel, subject): (Int, UInt64) =
      switch target {
      case .post(let post): (post.channel, post.subject)
      case .send(let send): (send.channel, send.subject)
      case .lookup(let question): (question.channel, question.subject)
      }
    let endpoint = World.Endpoint(
      channel: channel, destination: isPlatform ? .platform : .provider)
    var random = SplitMix64(
      seed: world.plan.seed ^ subject &* 0x9E37_79B9 ^ world.book.tries(of: subject) << 32)
    connect =
      random.chance(0.05)
      ? Int64.random(in: 20...900, using: &random) : Int64.random(in: 0...6, using: &random)
    way = Int64.random(in: 1...10, using: &random)
    work =
      random.chance(0.1)
      ? Int64.random(in: 100...2_500, using: &random) : Int64.random(in: 1...80, using: &random)
    // A platform that fails may have taken the message all the same; it knows repeats.
    errorComesAfter = isPlatform && random.chance(0.3)
    let trouble = isPlatform ? world.plan.platformTrouble : world.plan.providerTrouble
    if world.isCalm {
      fate = .fine
    } else if let outage = world.outages[endpoint], outage.until > world.boot {
      fate =
        switch outage.kind {
        case .refuses: .refused
        case .hangs: random.chance(0.5) ? .lost : .answerLost
        case .fails: .fails(status: [500, 502, 503].randomElement(using: &random)!)
        case .throttles: .throttled
        }
    } else if random.chance(trouble) {
      // A platform that took a status late would see it go backward, and that is its own doing.
      fate = [
        .lost, .answerLost, .answerLost, isPlatform ? .answerLost : .late, .fails(status: 503),
        .fails(status: 408), .throttled, .refused,
      ].randomElement(using: &random)!
    } else {
      fate = .fine
    }
    // Less than the time after which we would ask whether it arrived.
    lateness = Int64(timeout * 1_000) + Int64.random(in: 100...3_500, using: &random)
  }

  var name: String {
    switch target {
    case .post(let post): post.description
    case .send(let send): "\(send.text) as \(send.reference) to the provider"
    case .lookup(let question): "a question about \(question.reference)"
    }
  }

  /// - Parameter answer: Called with the answer, if one comes.
  func depart(answer: @escaping (HTTPResponse) -> Void) {
    let departure = world.book.departs(target)
    guard fate != .lost else { return }
    world.after(fate == .late ? lateness : way) { [self] in
      let response = arrive()
      guard fate != .answerLost, fate != .late else { return }
      world.after(work) {
        departure?.status = response.status
        answer(response)
      }
    }
  }

  private func arrive() -> HTTPResponse {
    switch fate {
    case .fails(let status):
      if errorComesAfter { _ = reply() }
      return HTTPResponse(status: status)
    case .throttled:
      return HTTPResponse(status: 429, headers: [("retry-after", "2")])
    default: return reply()
    }
  }

  private func reply() -> HTTPResponse {
    switch target {
    case .post(let post): world.platform.take(post)
    case .send(let send): world.provider.take(send)
    case .lookup(let question): world.provider.find(question)
    }
  }
}

/// The faults that are set, and the decision which of them hit a request.
struct FaultTable: Sendable {
  private(set) var faults: [Fault] = []

  /// More than this many are a mistake in the test.
  static let maximum = 1_000

  mutating func add(_ fault: Fault) {
    if faults.count == Self.maximum { faults.removeFirst() }
    faults.append(fault)
  }

  mutating func clear() { faults = [] }

  /// What happens to one request or callback. Counts down those that hit.
  /// - Parameter contact: Whom it is about; empty where nobody knows.
  /// - Parameter chance: A random number in `0..<1`, asked for once per fault that could hit.
  mutating func decide(
    _ target: Fault.Target, channel: String, contact: String = "", chance: () -> Double
  ) -> FaultDecision {
    var decision = FaultDecision()
    guard !faults.isEmpty else { return decision }
    for index in faults.indices {
      let fault = faults[index]
      guard fault.target == target, fault.channel == nil || fault.channel == channel,
        fault.contact == nil || fault.contact == contact,
        fault.remaining != 0, fault.probability >= 1 || chance() < fault.probability
      else { continue }
      guard decision.apply(fault) else { continue }
      faults[index].hits += 1
      if let remaining = fault.remaining { faults[index].remaining = remaining - 1 }
    }
    faults.removeAll { $0.remaining == 0 }
    return decision
  }
}

/// What faults do to one request or callback.
struct FaultDecision: Equatable, Sendable {
  enum Answer: Equatable, Sendable {
    case status(Int, retryAfter: Int?)
    case close
  }

  var delayMilliseconds = 0
  /// Instead of the true answer.
  var answer: Answer?
  /// The request is worked on.
  var isTaken = true
  var isDuplicated = false

  /// Adds the effect of a fault that hits.
  /// - Returns: `false` where another fault has already decided the answer: this one then waits for
  ///   the next request.
  fileprivate mutating func apply(_ fault: Fault) -> Bool {
    switch fault.kind {
    case .delay(let milliseconds):
      delayMilliseconds += milliseconds
    case .status(let status, let retryAfter):
      guard answer == nil else { return false }
      answer = .status(status, retryAfter: retryAfter)
      isTaken = fault.isTaken
    case .close:
      guard answer == nil else { return false }
      answer = .close
      isTaken = fault.isTaken
    case .hang(let milliseconds):
      guard answer == nil else { return false }
      answer = .close
      isTaken = fault.isTaken
      delayMilliseconds += milliseconds
    case .duplicate:
      isDuplicated = true
    case .reorder(let milliseconds):
      if fault.hits.isMultiple(of: 2) { delayMilliseconds += milliseconds }
    }
    return true
  }
}

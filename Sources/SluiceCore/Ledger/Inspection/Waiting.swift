/// An entry of the queue as people see it. Times are Unix milliseconds.
package struct WaitingEntry: Equatable, Sendable {
  package enum State: Equatable, Sendable {
    /// Its lane's head is another message, or an earlier part of the same.
    case behind(MessageID)
    /// Its lane's head: to be worked on from then on.
    case due(at: Int64)
    /// A carrier works on it, until then at the latest.
    case leased(until: Int64)
    /// It may have been sent: since when that is not known, and when it is looked at again.
    case unknown(since: Int64, next: Int64)
  }

  package let id: MessageID
  package let channel: ChannelName
  package let contact: ContactID
  package let queue: Queue
  /// Of an outbound message, from 0; of a status, the status that made the entry.
  package let part: Int
  package let enqueuedAt: Int64
  /// Calls begun that count.
  package let attempts: Int
  /// Its contact has written recently, so it goes before bulk.
  package let isConversation: Bool
  package let state: State
  /// The last call that ended.
  package let lastAttempt: AttemptRecord?
  /// Which account it was leased for last, and whether no other may have it.
  package let route: Route

  package init(
    id: MessageID, channel: ChannelName, contact: ContactID, queue: Queue, part: Int,
    enqueuedAt: Int64, attempts: Int, isConversation: Bool, state: State,
    lastAttempt: AttemptRecord?, route: Route = .main
  ) {
    self.id = id
    self.channel = channel
    self.contact = contact
    self.queue = queue
    self.part = part
    self.enqueuedAt = enqueuedAt
    self.attempts = attempts
    self.isConversation = isConversation
    self.state = state
    self.lastAttempt = lastAttempt
    self.route = route
  }

  /// Whether any account of the channel may be the next to send it.
  var isOpenToEither: Bool {
    if case .leased = state { return false }
    return queue == .outbound && !route.isBound
  }
}

/// A lane in which something waits.
package struct WaitingLane: Equatable, Sendable {
  /// What all the rest of it waits for.
  package let head: WaitingEntry
  /// Entries behind the head.
  package let behind: Int

  package init(head: WaitingEntry, behind: Int) {
    self.head = head
    self.behind = behind
  }
}

/// How a queue of a channel stands.
package struct QueueOverview: Equatable, Sendable {
  package let channel: ChannelName
  package let queue: Queue
  package let queued: Int
  /// How many of them may have been sent: their outcome is not known yet.
  package let unknown: Int
  /// When the first of its lanes' heads fell due, or will; `nil` if all of it is still to be filed.
  package let firstDue: Int64?
  /// Since when the one waits that has waited longest, however late it is due. What is being called for
  /// the first time may be left out.
  package let oldestQueued: Int64?

  package init(
    channel: ChannelName, queue: Queue, queued: Int, unknown: Int, firstDue: Int64?,
    oldestQueued: Int64?
  ) {
    self.channel = channel
    self.queue = queue
    self.queued = queued
    self.unknown = unknown
    self.firstDue = firstDue
    self.oldestQueued = oldestQueued
  }
}

/// What somebody has to look at.
package struct ChannelTroubles: Equatable, Sendable {
  package let channel: ChannelName
  package let deadLetters: Int
  package let quarantined: Int

  package init(channel: ChannelName, deadLetters: Int, quarantined: Int) {
    self.channel = channel
    self.deadLetters = deadLetters
    self.quarantined = quarantined
  }
}

/// Calls of a channel to one side that nobody makes for now; what is to be called for is accepted all
/// the same, and waits.
package struct Pause: Hashable, Sendable {
  package let channel: ChannelName
  /// One of ``destinations``. The provider's: nothing leaves for contacts, through neither account. The
  /// platform's: neither messages nor statuses do.
  package let destination: Destination

  /// What can be paused: a queue goes to one of these, and which account it takes is seen later.
  package static let destinations: [Destination] = [.platform, .provider]

  package init(channel: ChannelName, destination: Destination) {
    self.channel = channel
    self.destination = destination
  }
}

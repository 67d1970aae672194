import Crypto

/// Which way a queue entry goes. Raw values are stored.
package enum Queue: Int, Sendable, CaseIterable {
  /// A part of an outbound message, to the provider.
  case outbound = 0
  /// An inbound message or echo, to the platform.
  case inbound = 1
  /// The status of an outbound message, to the platform.
  case status = 2

  package var destination: Destination { self == .outbound ? .provider : .platform }
}

/// Whom a call goes to; with the channel, the key of a token bucket.
package enum Destination: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case platform = 0
  case provider = 1

  package var description: String { self == .platform ? "platform" : "provider" }

  /// In order of precedence: messages go before statuses.
  package var queues: [Queue] { self == .platform ? [.inbound, .status] : [.outbound] }
}

/// One contact's entries in one queue of one channel: they leave in order, and only the first one
/// is ever worked on. The ID is a digest, so that a lane needs no row of its own; two lanes that
/// shared one by chance would merely wait for each other.
package struct Lane: Hashable, Sendable {
  package let id: Int64

  package init(id: Int64) { self.id = id }

  package init(channel: ChannelName, queue: Queue, contact: ContactID) {
    // The separator is in neither alphabet.
    let digest = SHA256.hash(data: Array("\(channel) \(queue.rawValue) \(contact)".utf8))
    id = digest.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }
}

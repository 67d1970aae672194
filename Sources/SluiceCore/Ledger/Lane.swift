import Crypto

/// Which way a queue entry goes. Raw values are stored.
package enum Queue: Int, Sendable, CaseIterable {
  /// A part of an outbound message, to the provider.
  case outbound = 0
  /// An inbound message or echo, to the platform.
  case inbound = 1
  /// The status of an outbound message, to the platform.
  case status = 2
  /// A question to the provider: what became of a part that has been *sent* for long.
  case check = 3

  package var destination: Destination {
    switch self {
    case .outbound, .check: .provider
    case .inbound, .status: .platform
    }
  }

  /// Where an entry goes that is an account's.
  package func destination(through account: Account) -> Destination {
    destination == .provider && account == .fallback ? .fallback : destination
  }

  /// Whether it carries what somebody wrote. Messages go before everything else.
  package var isMessage: Bool { self == .outbound || self == .inbound }
}

/// Whom a call goes to; with the channel, the key of a token bucket and of a breaker.
package enum Destination: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case platform = 0
  case provider = 1
  /// The channel's second account with a provider.
  case fallback = 2

  package var description: String {
    switch self {
    case .platform: "platform"
    case .provider: "provider"
    case .fallback: "fallback"
    }
  }
}

/// One contact's entries in one queue of one channel: they leave in order, and only the first one
/// is ever worked on.
package struct Lane: Hashable, Sendable {
  package let contact: ContactKey
  package let queue: Queue

  package init(contact: ContactKey, queue: Queue) {
    self.contact = contact
    self.queue = queue
  }

  package init(channel: ChannelName, queue: Queue, contact: ContactID) {
    self.init(contact: ContactKey(channel: channel, contact: contact), queue: queue)
  }
}

/// A contact of a channel as one integer, so that indexes stay small. A digest: two contacts that
/// shared one by chance would merely wait for each other.
package struct ContactKey: Hashable, Sendable {
  package let rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }

  package init(channel: ChannelName, contact: ContactID) {
    self.init(channel: channel, contact: contact.description)
  }

  /// - Parameter contact: A ``ContactID``, as stored.
  package init(channel: ChannelName, contact: String) {
    rawValue = shortDigest(of: "\(channel) \(contact)")  // A space is in neither alphabet.
  }
}

/// A provider's ID of a message, within its channel, as one integer. A digest: whoever finds a row
/// by it compares the ID itself.
package struct ExternalKey: Hashable, Sendable {
  package let rawValue: Int64

  package init(channel: ChannelName, externalID: String) {
    rawValue = shortDigest(of: "\(channel) \(externalID)")
  }
}

/// A text that arrives in pieces, as one integer: what its pieces have in common.
package struct JoinKey: Hashable, Sendable {
  package let rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }

  package init(channel: ChannelName, contact: ContactID, fragment: Fragment) {
    rawValue = shortDigest(of: "\(channel) \(contact) \(fragment.total) \(fragment.reference)")
  }
}

private func shortDigest(of text: String) -> Int64 {
  var text = text
  return text.withUTF8 { bytes in
    SHA256.hash(data: UnsafeRawBufferPointer(bytes)).withUnsafeBytes {
      Int64(bitPattern: $0.loadUnaligned(as: UInt64.self).bigEndian)
    }
  }
}

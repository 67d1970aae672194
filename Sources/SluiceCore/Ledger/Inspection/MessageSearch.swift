/// Which messages are meant: those that match all that is given.
package struct MessageSearch: Equatable, Sendable {
  package var channel: ChannelName?
  package var contact: ContactID?
  package var direction: MessageDirection?
  package var status: DeliveryStatus?
  /// Stands somewhere in the content's JSON; ASCII letters match in either case.
  package var text: String?
  /// Unix milliseconds of acceptance, this one included.
  package var createdFrom: Int64?
  /// Unix milliseconds, this one not included.
  package var createdBefore: Int64?
  /// Only what is older: ``MessagePage/next`` of the page before.
  package var before: Int64?
  package var limit: Int

  package init(
    channel: ChannelName? = nil, contact: ContactID? = nil, direction: MessageDirection? = nil,
    status: DeliveryStatus? = nil, text: String? = nil, createdFrom: Int64? = nil,
    createdBefore: Int64? = nil, before: Int64? = nil, limit: Int = 50
  ) {
    self.channel = channel
    self.contact = contact
    self.direction = direction
    self.status = status
    self.text = text
    self.createdFrom = createdFrom
    self.createdBefore = createdBefore
    self.before = before
    self.limit = limit
  }
}

package struct MessagePage: Sendable {
  /// Newest first.
  package let messages: [MessageSummary]
  /// Where to go on; `nil` at the end. A page may have less than was asked for, and go on all the same:
  /// a call looks at a bounded number of messages.
  package let next: Int64?

  package init(messages: [MessageSummary], next: Int64?) {
    self.messages = messages
    self.next = next
  }
}

/// Raw values are stored.
package enum MessageDirection: Int, Sendable, CaseIterable, CustomStringConvertible {
  case outbound = 0
  case inbound = 1
  /// What the business wrote outside the platform.
  case echo = 2

  package var description: String {
    switch self {
    case .outbound: "outbound"
    case .inbound: "inbound"
    case .echo: "echo"
    }
  }
}

/// A message as it stands in a list. Times are Unix milliseconds.
package struct MessageSummary: Equatable, Sendable {
  /// The message's row.
  package let row: Int64
  package let id: MessageID
  package let channel: ChannelName
  package let direction: MessageDirection
  package let contact: ContactID
  /// The provider's, of inbound messages and echoes; those of outbound ones are their parts'.
  package let externalID: String?
  package let createdAt: Int64
  /// By the provider's clock.
  package let timestamp: Int64
  /// Of an inbound message, *delivered* once the platform has it.
  package let status: DeliveryStatus
  package let statusSince: Int64
  /// Why it failed.
  package let reason: String?
  /// The platform's JSON (``MessageContent``).
  package let content: [UInt8]

  package init(
    row: Int64, id: MessageID, channel: ChannelName, direction: MessageDirection,
    contact: ContactID, externalID: String?, createdAt: Int64, timestamp: Int64,
    status: DeliveryStatus, statusSince: Int64, reason: String?, content: [UInt8]
  ) {
    self.row = row
    self.id = id
    self.channel = channel
    self.direction = direction
    self.contact = contact
    self.externalID = externalID
    self.createdAt = createdAt
    self.timestamp = timestamp
    self.status = status
    self.statusSince = statusSince
    self.reason = reason
    self.content = content
  }
}

/// What a provider's webhook tells us, once its bytes are understood.
package enum WebhookEvent: Equatable, Sendable {
  case message(InboundMessage)
  case status(StatusReport)

  package var isFromGroup: Bool {
    if case .message(let message) = self { message.isFromGroup } else { false }
  }
}

/// A message from a contact, or (`isEcho`) one that the business wrote outside the platform.
package struct InboundMessage: Equatable, Sendable {
  /// The provider's ID, unique within the channel: a repeat of it is a duplicate, and dropped.
  package var externalID: String
  /// Always the customer, also in an echo.
  package let contact: ContactID
  package var content: MessageContent
  package let isEcho: Bool
  /// Unix milliseconds by the provider's clock; `nil` if it says nothing.
  package var timestamp: Int64?
  package let profile: ContactProfile?
  /// Of an echo: the reference that its send carried, if it was one of ours.
  package let reference: PartReference?
  /// Of a text that is not whole: which piece it is. `content` is then that piece's text.
  package var fragment: Fragment?
  /// Whether `contact` is a group, and the content says who in it wrote.
  package let isFromGroup: Bool

  package init(
    externalID: String, contact: ContactID, content: MessageContent, isEcho: Bool = false,
    timestamp: Int64? = nil, profile: ContactProfile? = nil, reference: PartReference? = nil,
    fragment: Fragment? = nil, isFromGroup: Bool = false
  ) {
    self.isFromGroup = isFromGroup
    self.fragment = fragment
    self.reference = reference
    self.externalID = externalID
    self.contact = contact
    self.content = content
    self.isEcho = isEcho
    self.timestamp = timestamp
    self.profile = profile
  }
}

/// What the platform uses when it creates the contact; whatever is unknown is left out.
package struct ContactProfile: Equatable, Sendable {
  package var firstName: String?
  package var lastName: String?
  package var phone: String?
  package var language: String?

  package init(
    firstName: String? = nil, lastName: String? = nil, phone: String? = nil,
    language: String? = nil
  ) {
    self.firstName = firstName
    self.lastName = lastName
    self.phone = phone
    self.language = language
  }

  package var json: JSON {
    .object(present: [
      ("firstName", firstName.map(JSON.string)), ("lastName", lastName.map(JSON.string)),
      ("phone", phone.map(JSON.string)), ("language", language.map(JSON.string)),
    ])
  }

  package init(json: JSON) {
    self.init(
      firstName: json["firstName"]?.string, lastName: json["lastName"]?.string,
      phone: json["phone"]?.string, language: json["language"]?.string)
  }
}

/// What a status callback says of one part of an outbound message.
package struct StatusReport: Equatable, Sendable {
  /// The provider's ID of the part.
  package let externalID: String
  package let status: DeliveryStatus
  /// Why, for `failed`: a sentence the agent understands, with the provider's code.
  package let reason: String?
  /// Ours, where the provider gives it back: finds the part even if the answer to its send, and
  /// with it the external ID, was lost.
  package let reference: PartReference?

  package init(
    externalID: String, status: DeliveryStatus, reason: String? = nil,
    reference: PartReference? = nil
  ) {
    self.reference = reference
    self.externalID = externalID
    self.status = status
    self.reason = reason
  }
}

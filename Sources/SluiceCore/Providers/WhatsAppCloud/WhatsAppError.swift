/// What went wrong, in an answer or in a status: a code to decide by, and words that may change.
/// Source:
/// https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes.
struct WhatsAppError {
  let code: Int64
  private let detail: String

  /// - Parameter secret: What Meta may quote in a complaint.
  init?(_ json: JSON?, hiding secret: Secret? = nil) {
    guard let code = json?["code"]?.integer else { return nil }
    self.code = code
    let words =
      json?["error_data"]?["details"]?.string ?? json?["message"]?.string ?? json?["title"]?.string
      ?? ""
    detail = (secret.map { words.redacting($0) } ?? words).sentence
  }

  /// For the agent.
  var reason: String { "\(sentence) (WhatsApp \(code): \(detail))." }

  /// What an answer with this code means; `nil` where it is a refusal.
  func trouble(retryAfter: Double?) -> SendOutcome? {
    switch code {
    // Of the app, of the account, of the number, of registrations.
    case 4, 80_007, 130_429, 133_016: .throttled(reason: reason, after: retryAfter)
    // Recipients complain of the number. Minutes do not help, and each attempt makes it worse.
    case 131_048: .throttled(reason: reason, after: retryAfter ?? 3_600)
    // Too many to this one contact: the others need not wait.
    case 131_056: .deferred(reason: reason, after: retryAfter)
    // Overload and maintenance: nothing was taken.
    case 131_016, 131_057, 133_004: .deferred(reason: reason, after: retryAfter)
    // "Unknown error": it may have been taken.
    case 1, 2, 131_000: .unknown(reason: reason)
    default: nil
    }
  }

  /// Whether it says more of the account than of the message.
  var isAccounts: Bool {
    switch code {
    case 0, 3, 10, 190, 200...299, 368, 131_005, 131_031, 131_037, 131_042, 131_045,
      133_000...133_099:
      true
    default: false
    }
  }

  private var sentence: String {
    switch code {
    case 131_047:
      "More than 24 hours have passed since the contact last wrote, and WhatsApp then takes only"
        + " templates: wait until they write"
    case 131_026:
      "WhatsApp cannot deliver to this contact: they have no WhatsApp, or an old version of it"
    case 131_030: "The contact is not on the list of numbers that this test account may write to"
    case 131_021: "A number cannot write to itself"
    case 131_050: "The contact wants no more marketing messages from this business"
    case 130_472, 131_049: "Meta chose not to deliver this message to the contact"
    case 131_051: "WhatsApp does not know this type of message"
    case 131_052, 131_053:
      "WhatsApp could not fetch the attachment, or does not take its type or size"
    case 0, 190:
      "The WhatsApp account does not let us in; ask your administrator to renew access_token"
    case 3, 10, 200...299, 131_005:
      "The WhatsApp account may not do this; ask your administrator to check its permissions"
    case 131_031, 368:
      "Meta has locked the WhatsApp account; ask your administrator to look at it"
    case 131_042:
      "The WhatsApp account cannot be charged; ask your administrator to check the payment method"
    case 4, 80_007, 130_429, 133_016: "WhatsApp gets too many messages from this account"
    case 131_048: "WhatsApp holds the number back, because recipients complained"
    case 131_056: "WhatsApp gets too many messages to this contact"
    case 1, 2, 131_000, 131_016, 131_057, 133_004: "WhatsApp failed while taking the message"
    case 100, 131_008, 131_009: "WhatsApp did not understand the message"
    case 131_037, 131_045, 133_000...133_099:
      "The WhatsApp number is not set up; ask your administrator to register it"
    default: "WhatsApp refused the message"
    }
  }
}

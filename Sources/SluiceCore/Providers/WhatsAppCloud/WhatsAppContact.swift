/// A customer, in the two forms WhatsApp has for one: their number, and for those who hide it an ID
/// that is theirs towards this business (`GB.98765`). Source:
/// https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids.
enum WhatsAppContact {
  /// - Parameters:
  ///   - number: Digits, with or without `+`.
  ///   - userID: Counts only where there is no number.
  static func id(number: String?, userID: String?) throws(WebhookError) -> ContactID {
    if let number, let contact = PhoneNumber.e164(number.hasPrefix("+") ? number : "+" + number) {
      return contact
    }
    do throws(ContactIDError) {
      return try ContactID(encoding: userID ?? "")
    } catch {
      throw .notUnderstood("A contact has neither a phone number nor a user ID that can be kept.")
    }
  }

  /// The member of a send that names whom it is for.
  static func recipient(_ contact: ContactID) -> JSON.Member {
    if let number = phone(contact) { return JSON.Member("to", .string(number)) }
    return JSON.Member("recipient", .string(contact.decoded ?? contact.description))
  }

  static func phone(_ contact: ContactID) -> String? {
    (try? ContactID(contact.description, type: .phoneNumber))?.description
  }
}

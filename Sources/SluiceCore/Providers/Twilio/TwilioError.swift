/// Twilio's error codes, in answers to sends and in status callbacks.
/// Source: https://www.twilio.com/docs/api/errors.
enum TwilioError {
  static let table = ErrorTable(
    provider: "Twilio", sentences: sentences,
    throttled: ["20429", "14107", "30022", "30023", "30027", "63017", "63018", "63038"],
    transient: ["20500", "20503", "21611", "30001"],
    account: [
      "20003", "20005", "21408", "21601", "21603", "21606", "21612", "21701", "21702", "21703",
      "21704", "21705", "30002", "30032", "30034", "63001", "63007", "63008", "63020",
    ])

  /// Seconds to wait, where the code alone says so: the quota of a day is not back in a second.
  static func pause(of code: String?) -> Double? {
    switch code {
    case "30023", "30027", "63038": 3_600
    default: nil
    }
  }

  private static let sentences: [String: String] = {
    let check = "Ask your administrator to check"
    let busy = "Twilio takes no more messages of this sender for now."
    let quota = "The sender's messages for today are used up."
    let noNumber = "The phone number is not one that Twilio can send to."
    let unreachable = "The phone number cannot be reached."
    let credentials = "Twilio does not let us in. \(check) the channel's credentials."
    let suspended = "The Twilio account is not active. \(check) it in the Twilio console."
    let sender = "This channel's sender cannot send the message. \(check) from in its settings."
    let service = "The messaging service cannot send the message. \(check) its senders at Twilio."
    let whatsApp = "The WhatsApp sender is not set up. \(check) it in the Twilio console."
    let media = "Twilio cannot take the file. Send it in another format, or as a link."
    let content = "WhatsApp does not accept the content of the message."
    let template = "The WhatsApp template does not fit. \(check) it in the Twilio console."
    let trouble = "The network failed to deliver the message; it may work later."
    return [
      "14107": busy, "20429": busy, "21611": busy, "30001": busy, "30022": busy, "63017": busy,
      "63018": busy,
      "30023": quota, "30027": quota, "63038": quota,
      "20003": credentials, "63001": whatsApp, "63007": whatsApp, "63008": whatsApp,
      "63020": whatsApp,
      "20005": suspended, "30002": suspended,
      "21211": noNumber, "21217": noNumber, "21614": noNumber, "63024": noNumber,
      "21214": unreachable, "30005": unreachable, "63003": unreachable,
      "21408":
        "The Twilio account may not send to this country. \(check) its geographic permissions.",
      "21601": sender, "21603": sender, "21606": sender, "21612": sender,
      "21701": service, "21702": service, "21703": service, "21704": service, "21705": service,
      "21610": "The contact has opted out by STOP, and gets no messages until they send START.",
      "21602": "The message is empty.", "21619": "The message is empty.",
      "21617": "The message is longer than the 1,600 characters that Twilio takes.",
      "21620": media, "21623": media, "30019": media, "63019": media,
      "21655": template, "21656": template, "63027": template, "63028": template, "63034": template,
      "63041": template,
      "30003": "The phone is switched off or out of reach.",
      "30004": "The contact, or their network, blocks messages from this sender.",
      "30006": "The number is a landline, or its network takes no messages.",
      "30007": "The network's filter took the message for unwanted.",
      "30008": trouble, "30017": trouble, "30410": trouble, "63009": trouble, "63010": trouble,
      "63012": trouble, "63023": trouble,
      "30032": "The toll-free sender is not verified. \(check) it in the Twilio console.",
      "30034": "The sender is not registered for this country. \(check) it in the Twilio console.",
      "63005": content, "63013": content, "63021": content,
      "63014": "The contact has blocked messages like this one.",
      "63032": "WhatsApp does not let this message reach the contact at present.",
      "63033": "The contact has blocked this sender on WhatsApp.",
      "63016":
        "The contact wrote more than 24 hours ago, and WhatsApp then takes approved templates"
        + " alone. Wait until they write again.",
    ]
  }()
}

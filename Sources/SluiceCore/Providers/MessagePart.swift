/// One provider call's worth of a message: what a text was split into, or an attachment.
package enum MessagePart: Equatable, Sendable {
  case text(String)
  /// Only for providers whose limits say that they take media.
  case attachment(Attachment)

  package var json: JSON {
    switch self {
    case .text(let text): ["text": .string(text)]
    case .attachment(let attachment): MessageContent.attachment(attachment).json
    }
  }

  package init?(json: JSON) {
    if let text = json["text"]?.string {
      self = .text(text)
    } else if let attachment = try? Attachment(json: json["attachment"]) {
      self = .attachment(attachment)
    } else {
      return nil
    }
  }
}

/// What a provider takes in one call.
package struct PartLimits: Equatable, Sendable {
  package enum Unit: Equatable, Sendable {
    /// SMS: GSM-7 septets where the text fits that alphabet, otherwise UTF-16 units; a text longer
    /// than one segment loses room in each to the header that joins them (3GPP TS 23.038, 23.040).
    case smsSegments(maximum: Int)
    case utf16(maximum: Int)
  }

  package let text: Unit
  package let takesMedia: Bool

  package init(text: Unit, takesMedia: Bool) {
    self.text = text
    self.takesMedia = takesMedia
  }
}

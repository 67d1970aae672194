/// One provider call's worth of a message: what a text was split into, or what the provider shows as
/// such. Only what its ``PartLimits`` allow.
package enum MessagePart: Equatable, Sendable {
  case text(String)
  case attachment(Attachment)
  case location(latitude: Double, longitude: Double, address: String?)
  case quickReply(title: String, replies: [String])

  package var json: JSON {
    switch self {
    case .text(let text): ["text": .string(text)]
    case .attachment, .location, .quickReply: content.json
    }
  }

  package init?(json: JSON) {
    if let text = json["text"]?.string {
      self = .text(text)
    } else if let content = try? MessageContent(json: json) {
      switch content {
      case .text(let text): self = .text(text)
      case .attachment(let attachment): self = .attachment(attachment)
      case .location(let latitude, let longitude, let address):
        self = .location(latitude: latitude, longitude: longitude, address: address)
      case .quickReply(let title, let replies): self = .quickReply(title: title, replies: replies)
      }
    } else {
      return nil
    }
  }

  /// The part written out, for providers that have only text.
  package var plainText: String { content.plainText }

  private var content: MessageContent {
    switch self {
    case .text(let text): .text(text)
    case .attachment(let attachment): .attachment(attachment)
    case .location(let latitude, let longitude, let address):
      .location(latitude: latitude, longitude: longitude, address: address)
    case .quickReply(let title, let replies): .quickReply(title: title, replies: replies)
    }
  }
}

/// What a provider takes in one call. What it does not take is written out as text.
package struct PartLimits: Equatable, Sendable {
  package indirect enum Unit: Equatable, Sendable {
    /// SMS: GSM-7 septets where the text fits that alphabet, otherwise UTF-16 units; a text longer
    /// than one segment loses room in each to the header that joins them (3GPP TS 23.038, 23.040).
    case smsSegments(maximum: Int)
    case utf16(maximum: Int)
    /// Unicode scalars: what most documentation calls characters.
    case scalars(maximum: Int)
    /// Of UTF-8.
    case bytes(maximum: Int)
    /// Within each of two limits.
    case both(Unit, Unit)
  }

  package struct Media: Equatable, Sendable {
    package let kinds: Set<Attachment.Kind>
    /// How long a caption may be; a longer one becomes a text of its own, behind the attachment.
    /// `nil`: as long as it likes.
    package let captions: Unit?
    /// Kinds that are shown without a caption: theirs is always a text of its own.
    package let withoutCaption: Set<Attachment.Kind>

    package init(
      kinds: Set<Attachment.Kind>, captions: Unit?, withoutCaption: Set<Attachment.Kind> = []
    ) {
      self.kinds = kinds
      self.captions = captions
      self.withoutCaption = withoutCaption
    }

    package static func all(captions: Unit?) -> Media {
      Media(kinds: [.image, .video, .audio, .file], captions: captions)
    }
  }

  /// Buttons or a keyboard.
  package struct Replies: Equatable, Sendable {
    /// More than that are a numbered list.
    package let maximum: Int
    /// How long one may be; where one is longer, all are a numbered list.
    package let label: Unit
    package let title: Unit

    package init(maximum: Int, label: Unit, title: Unit) {
      self.maximum = maximum
      self.label = label
      self.title = title
    }
  }

  package let text: Unit
  package let media: Media?
  package let takesLocation: Bool
  package let replies: Replies?

  package init(
    text: Unit, media: Media? = nil, takesLocation: Bool = false, replies: Replies? = nil
  ) {
    self.text = text
    self.media = media
    self.takesLocation = takesLocation
    self.replies = replies
  }
}

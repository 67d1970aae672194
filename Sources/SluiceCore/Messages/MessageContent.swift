/// What a message says, in the platform's terms, in either direction (PROTOCOL, `message.type`).
package enum MessageContent: Equatable, Sendable {
  case text(String)
  case attachment(Attachment)
  case location(latitude: Double, longitude: Double, address: String?)
  /// A question with up to 10 answers to choose from.
  case quickReply(title: String, replies: [String])
}

package struct Attachment: Equatable, Sendable {
  package enum Kind: String, Sendable { case image, video, audio, file }

  package let kind: Kind
  /// Absolute, `https` or `http`; or ``privateURL(_:)``.
  package let url: String
  package let mimeType: String?
  package let fileName: String?
  /// The caption.
  package let description: String?
  /// Bytes, where the other side says so.
  package let size: Int64?

  package init(
    kind: Kind, url: String, mimeType: String? = nil, fileName: String? = nil,
    description: String? = nil, size: Int64? = nil
  ) {
    self.size = size
    self.kind = kind
    self.url = url
    self.mimeType = mimeType
    self.fileName = fileName
    self.description = description
  }
}

extension MessageContent {
  /// The platform keeps texts to 7,000 characters (PROTOCOL); more is taken as a mistake.
  package static let maximumCharacters = 7_000
  /// URLs longer than this are refused; browsers and CDNs stop at about the same.
  package static let maximumURLBytes = 2_048

  /// The platform's JSON form, as posted and as stored.
  package var json: JSON {
    switch self {
    case .text(let text):
      ["type": "text", "text": .string(text)]
    case .attachment(let attachment):
      [
        "type": "attachment",
        "attachment": .object(present: [
          ("type", .string(attachment.kind.rawValue)),
          ("url", .string(attachment.url)),
          ("mimeType", attachment.mimeType.map(JSON.string)),
          ("fileName", attachment.fileName.map(JSON.string)),
          ("description", attachment.description.map(JSON.string)),
          ("size", attachment.size.map(JSON.integer)),
        ]),
      ]
    case .location(let latitude, let longitude, let address):
      .object(present: [
        ("type", "location"), ("latitude", .double(latitude)), ("longitude", .double(longitude)),
        ("address", address.map(JSON.string)),
      ])
    case .quickReply(let title, let replies):
      [
        "type": "quick_reply", "title": .string(title),
        "replies": .array(replies.map(JSON.string)),
      ]
    }
  }

  /// Reads the platform's form; unknown members are ignored, unknown types are an error.
  package init(json: JSON) throws(MessageContentError) {
    guard json.members != nil else { throw .notAnObject(found: json.kind) }
    guard let type = json["type"]?.string else { throw .missing("message.type") }
    switch type {
    case "text":
      self = .text(try Self.text(json["text"], field: "message.text"))
    case "attachment":
      self = .attachment(try Attachment(json: json["attachment"]))
    case "location":
      guard let latitude = json["latitude"]?.number, (-90...90).contains(latitude) else {
        throw .badCoordinate("message.latitude", limit: 90)
      }
      guard let longitude = json["longitude"]?.number, (-180...180).contains(longitude) else {
        throw .badCoordinate("message.longitude", limit: 180)
      }
      self = .location(
        latitude: latitude, longitude: longitude, address: json["address"]?.string)
    case "quick_reply":
      let title = try Self.text(json["title"], field: "message.title")
      guard let values = json["replies"]?.array, (1...10).contains(values.count) else {
        throw .badReplies
      }
      var replies: [String] = []
      for value in values { replies.append(try Self.text(value, field: "message.replies[]")) }
      self = .quickReply(title: title, replies: replies)
    default:
      throw .unknownType(type)
    }
  }

  private static func text(_ json: JSON?, field: String) throws(MessageContentError) -> String {
    guard let text = json?.string, !text.isEmpty else { throw .missing(field) }
    guard text.unicodeScalars.count <= maximumCharacters else {
      throw .tooLong(field, limit: maximumCharacters)
    }
    return text
  }
}

extension Attachment {
  /// The URL of media that only our account at the provider may fetch. It never leaves us: it becomes
  /// a link to us, or words.
  /// - Parameter reference: By which the adapter finds it again (``Provider/route(toMedia:)``).
  package static func privateURL(_ reference: String) -> String { privatePrefix + reference }

  /// What ``privateURL(_:)`` was given; `nil` for a public URL.
  package var privateReference: String? {
    url.hasPrefix(Self.privatePrefix) ? String(url.dropFirst(Self.privatePrefix.count)) : nil
  }

  private static let privatePrefix = "private-media:"

  init(json: JSON?) throws(MessageContentError) {
    guard let json, json.members != nil else { throw .missing("message.attachment") }
    guard let type = json["type"]?.string else { throw .missing("message.attachment.type") }
    guard let kind = Kind(rawValue: type) else { throw .unknownAttachment(type) }
    guard let url = json["url"]?.string, !url.isEmpty else {
      throw .missing("message.attachment.url")
    }
    guard url.utf8.count <= MessageContent.maximumURLBytes else {
      throw .tooLong("message.attachment.url", limit: MessageContent.maximumURLBytes)
    }
    guard url.hasPrefix("https://") || url.hasPrefix("http://"),
      url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .badURL(url) }
    self.init(
      kind: kind, url: url,
      mimeType: json["mimeType"]?.string ?? json["mime"]?.string,
      fileName: json["fileName"]?.string, description: json["description"]?.string,
      size: json["size"]?.integer.flatMap { $0 > 0 ? $0 : nil })
  }
}

package enum MessageContentError: Error, Equatable, CustomStringConvertible {
  case notAnObject(found: String)
  case missing(String)
  case tooLong(String, limit: Int)
  case badCoordinate(String, limit: Int)
  case badReplies
  case badURL(String)
  case unknownAttachment(String)
  case unknownType(String)

  package var description: String {
    switch self {
    case .notAnObject(let found):
      "message is \(found); it must be an object with a type."
    case .missing(let field):
      "\(field) is missing or empty, or is not a string."
    case .tooLong(let field, let limit):
      "\(field) is longer than \(limit) characters. Send a shorter one."
    case .badCoordinate(let field, let limit):
      "\(field) must be a number from -\(limit) to \(limit)."
    case .badReplies:
      "message.replies must be an array of 1 to 10 strings."
    case .badURL(let url):
      "message.attachment.url \"\(url.escaped)\" is not an absolute http or https URL."
    case .unknownAttachment(let type):
      "message.attachment.type \"\(type.escaped)\" is unknown; image, video, audio and file are known."
    case .unknownType(let type):
      "This channel cannot send messages of type \"\(type.escaped)\"; it sends text, attachment, location and quick_reply."
    }
  }
}

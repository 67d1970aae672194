import Crypto

/// What a link to media says: which media, what it is, and until when.
package struct MediaTicket: Equatable, Sendable {
  package let channel: ChannelAccount
  /// The adapter's own name for it (``Attachment/privateURL(_:)``).
  package let reference: String
  package let kind: Attachment.Kind
  package let fileName: String?
  package let mimeType: String?
  /// Unix milliseconds.
  package let expires: Int64

  package init(
    channel: ChannelAccount, reference: String, kind: Attachment.Kind, fileName: String? = nil,
    mimeType: String? = nil, expires: Int64
  ) {
    self.channel = channel
    self.reference = reference
    self.kind = kind
    self.fileName = fileName
    self.mimeType = mimeType
    self.expires = expires
  }

  /// The same for every link to the same media: 64 hexadecimal digits, and so a safe file name,
  /// whatever the provider calls it.
  package var mediaID: String {
    // No channel name holds a NUL.
    Hex.text(SHA256.hash(data: Array("\(channel)\0\(reference)".utf8)))
  }

  /// Short names: all of it stands in a URL.
  var json: JSON {
    .object(present: [
      ("c", .string(channel.description)), ("r", .string(reference)),
      ("k", .string(kind.rawValue)), ("e", .integer(expires)),
      ("n", fileName.map(JSON.string)), ("m", mimeType.map(JSON.string)),
    ])
  }

  init?(json: JSON) {
    guard let channel = json["c"]?.string.flatMap(ChannelAccount.init),
      let reference = json["r"]?.string, let expires = json["e"]?.integer,
      let kind = json["k"]?.string.flatMap(Attachment.Kind.init(rawValue:))
    else { return nil }
    self.init(
      channel: channel, reference: reference, kind: kind, fileName: json["n"]?.string,
      mimeType: json["m"]?.string, expires: expires)
  }
}

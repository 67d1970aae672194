/// A part as message objects, of which LINE takes up to five in one push, and shows all or none
/// (https://developers.line.biz/en/reference/messaging-api/#message-objects).
struct LINEMessages {
  /// An array.
  let json: JSON

  /// - Parameter videoPreviewURL: Without it there are no videos among the parts.
  init(_ part: MessagePart, videoPreviewURL: String?) {
    json = .array(
      Self.native(part, videoPreviewURL: videoPreviewURL) ?? [Self.text(part.plainText)])
  }

  /// - Returns: `nil` for what LINE has no form for: its text is as good.
  private static func native(_ part: MessagePart, videoPreviewURL: String?) -> [JSON]? {
    switch part {
    case .text(let text): [Self.text(text)]
    case .attachment(let attachment): media(attachment, videoPreviewURL: videoPreviewURL)
    case .location(let latitude, let longitude, let address):
      location(latitude: latitude, longitude: longitude, address: address)
    case .quickReply(let title, let replies): [buttons(title, replies)]
    }
  }

  private static func text(_ text: String) -> JSON { ["type": "text", "text": .string(text)] }

  /// Captions are unknown to LINE: a second object in the same push, which costs no more. The preview
  /// of an image may be the image, if it is small enough; LINE checks neither.
  private static func media(_ attachment: Attachment, videoPreviewURL: String?) -> [JSON]? {
    guard attachment.url.hasPrefix("https://"), attachment.url.utf16.count <= 2_000
    else { return nil }
    let type: String
    let preview: String
    switch (attachment.kind, attachment.mediaType, videoPreviewURL) {
    case (.image, "image/jpeg", _), (.image, "image/png", _), (.image, nil, _):
      (type, preview) = ("image", attachment.url)
    case (.video, "video/mp4", let url?), (.video, nil, let url?): (type, preview) = ("video", url)
    default: return nil
    }
    let media: JSON = [
      "type": .string(type), "originalContentUrl": .string(attachment.url),
      "previewImageUrl": .string(preview),
    ]
    let caption = attachment.description ?? ""
    return caption.isEmpty ? [media] : [media, text(caption)]
  }

  /// Both lines are required, of 100 characters each.
  private static func location(latitude: Double, longitude: Double, address: String?) -> [JSON]? {
    let place = MessageContent.place(latitude: latitude, longitude: longitude, address: address)
    guard place.name.utf16.count <= 100, place.address.utf16.count <= 100 else { return nil }
    return [
      [
        "type": "location", "title": .string(place.name), "address": .string(place.address),
        "latitude": .double(latitude), "longitude": .double(longitude),
      ]
    ]
  }

  /// What is pressed comes back as a text.
  private static func buttons(_ title: String, _ replies: [String]) -> JSON {
    let items = replies.map { reply -> JSON in
      [
        "type": "action",
        "action": ["type": "message", "label": .string(reply), "text": .string(reply)],
      ]
    }
    return ["type": "text", "text": .string(title), "quickReply": ["items": .array(items)]]
  }
}

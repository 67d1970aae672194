import SluiceCore
import Synchronization

/// The calls about private media: what the provider gives to nobody but the account.
extension SandboxInterface {
  func addMedia(_ body: JSON) throws(InterfaceError) -> HTTPResponse {
    guard let size = body["size"]?.integer, (0...Int64(MediaItem.maximumSize)).contains(size) else {
      throw InterfaceError(400, "size must be a count of bytes, at most \(MediaItem.maximumSize).")
    }
    let type = body["type"]?.string ?? "application/octet-stream"
    let id = context.state.withLock { $0.media.add(type: type, size: Int(size)) }
    return HTTPResponse(status: 200, json: ["id": .string(id)])
  }

  func media(_ id: String) throws(InterfaceError) -> HTTPResponse {
    guard let item = context.state.withLock({ $0.media[id] }) else {
      throw InterfaceError(404, "There is no such media.")
    }
    return HTTPResponse(status: 200, json: item.json)
  }

  /// An attachment that names `media` instead of a URL; `nil` for all other messages.
  func privateMedia(_ json: JSON?) throws(InterfaceError) -> MessageContent? {
    guard let attachment = json?["attachment"], let id = attachment["media"] else { return nil }
    guard let id = id.string, context.state.withLock({ $0.media[id] }) != nil,
      let kind = attachment["type"]?.string.flatMap(Attachment.Kind.init(rawValue:))
    else { throw InterfaceError(400, "media must be the id of some, with a type.") }
    return .attachment(
      Attachment(
        kind: kind, url: Attachment.privateURL(id), mimeType: attachment["mimeType"]?.string,
        fileName: attachment["fileName"]?.string,
        description: attachment["description"]?.string, size: attachment["size"]?.integer))
  }
}

/// Where an event of LINE's comes from: one person, or somebody in a group or room. Source:
/// https://developers.line.biz/en/reference/messaging-api/#source-user.
struct LINESource {
  private let json: JSON
  /// The member that holds the chat's ID, to which an answer goes.
  private let field: String

  /// - Returns: `nil` where it is none of them.
  init?(_ json: JSON?) {
    guard let json, let field = Self.fields[json["type"]?.string ?? ""] else { return nil }
    self.json = json
    self.field = field
  }

  private static let fields = ["user": "userId", "group": "groupId", "room": "roomId"]

  var isGroup: Bool { field != "userId" }

  var contact: ContactID {
    get throws(WebhookError) {
      do throws(ContactIDError) {
        return try ContactID(encoding: json[field]?.string ?? "")
      } catch {
        throw .notUnderstood("source.\(field): \(error)")
      }
    }
  }

  /// What somebody in a group said. LINE tells no names, and not always who: the end of their ID tells
  /// one from the other.
  func attributed(_ content: MessageContent) -> MessageContent {
    guard isGroup else { return content }
    return content.attributed(to: json["userId"]?.string.map { "Member \($0.suffix(4))" })
  }
}

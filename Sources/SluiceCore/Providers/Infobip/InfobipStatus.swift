/// The status of a message, in answers and reports alike: a group that means something, and names that
/// are for support. Source:
/// https://www.infobip.com/docs/essentials/api-essentials/response-status-and-error-codes
struct InfobipStatus {
  private enum Group: Int64 {
    case accepted = 0
    case pending = 1
    case undeliverable = 2
    case delivered = 3
    case expired = 4
    case rejected = 5
  }

  private let group: Group
  private let id: Int64?
  private let name: String
  private let detail: String?

  init?(_ json: JSON?) {
    guard let group = json?["groupId"]?.integer.flatMap(Group.init) else { return nil }
    self.group = group
    id = json?["id"]?.integer
    name = json?["name"]?.string ?? "no status"
    detail = json?["description"]?.string
  }

  var isRefusal: Bool { deliveryStatus == .failed }

  /// Whether it says more of the account than of the message.
  var isAccounts: Bool { id.map { Self.sentences[$0] != nil } ?? false }

  var deliveryStatus: DeliveryStatus {
    switch group {
    case .accepted, .pending: .sent
    // To the operator, who says no more.
    case .delivered: id == 2 ? .sent : .delivered
    case .undeliverable, .expired, .rejected: .failed
    }
  }

  /// A sentence for the agent.
  /// - Parameter error: Of a report, which says more than the status does.
  func reason(error: JSON? = nil, opening: String) -> String {
    let isError = (error?["id"]?.integer ?? 0) != 0
    let code = ([name] + (isError ? [error?["name"]?.string].compactMap { $0 } : []))
      .map(\.escaped).joined(separator: ", ")
    if let sentence = id.flatMap({ Self.sentences[$0] }) { return "\(sentence) (Infobip \(code))." }
    let words = (isError ? error?["description"]?.string : nil) ?? detail ?? "no reason given"
    return "\(opening): \(words.sentence) (Infobip \(code))."
  }

  /// All of them say that the account may not do this.
  private static let sentences: [Int64: String] = [
    6: "The account may not send to the number's network; ask your administrator",
    7: "The number's prefix is blocked on the Infobip account; ask your administrator",
    12: "The Infobip account has no credit left; ask your administrator to top it up",
    14: "A trial account sends only to its own number; ask your administrator",
  ]
}

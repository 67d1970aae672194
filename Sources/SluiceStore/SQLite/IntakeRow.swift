import SluiceCore

/// What a request leaves in the `intake` table: one row, or more if it holds several events or parts.
/// Everything is worked out before the transaction, which all wait for.
struct IntakeRow {
  /// Raw values are stored.
  enum Kind: Int {
    /// A webhook in which there is no event.
    case webhook = 0
    case message = 1
    case echo = 2
    case status = 3
    case outbound = 4
  }

  let channel: ChannelName
  let receivedAt: Int64
  var kind = Kind.webhook
  var account: Account?
  var contentType: String?
  var query: String?
  var body: [UInt8]?
  var problem: String?
  var id: MessageID?
  var contact: String?
  var providerContact: String?
  var externalID: String?
  var timestamp: Int64?
  var content: String?
  var profile: String?
  var reference: PartReference?
  var part: Int?
  var status: DeliveryStatus?
  var reason: String?
  var fragment: FragmentRow?

  /// A piece of a text, and how long the text waits for the others. Unix milliseconds.
  struct FragmentRow {
    let key: JoinKey
    let number: Int
    let total: Int
    let until: Int64
  }

  /// A webhook's rows: itself with its first event, then the other events.
  static func rows(of webhook: WebhookRecord) -> [IntakeRow] {
    var rows = webhook.events.map { event, id in IntakeRow(event, id: id, in: webhook) }
    if rows.isEmpty {
      rows.append(IntakeRow(channel: webhook.channel, receivedAt: webhook.receivedAt))
    }
    rows[0].account = webhook.account
    rows[0].contentType = webhook.contentType
    rows[0].query = webhook.query.isEmpty ? nil : webhook.query
    rows[0].body = webhook.body
    rows[0].problem = webhook.problem
    return rows
  }

  private init(channel: ChannelName, receivedAt: Int64) {
    self.channel = channel
    self.receivedAt = receivedAt
  }

  private init(_ event: WebhookEvent, id: MessageID, in webhook: WebhookRecord) {
    channel = webhook.channel
    receivedAt = webhook.receivedAt
    switch event {
    case .message(let message):
      kind = message.isEcho ? .echo : .message
      self.id = id
      contact = message.contact.description
      providerContact = message.contact.providerID
      externalID = message.externalID
      timestamp = message.timestamp ?? webhook.receivedAt
      content = message.content.json.text
      profile = message.profile?.json.text
      reference = message.reference
      if let fragment = message.fragment, case .text(let text) = message.content {
        content = text
        self.fragment = FragmentRow(
          key: JoinKey(
            channel: webhook.channel, contact: message.contact, fragment: fragment),
          number: fragment.number, total: fragment.total,
          until: webhook.receivedAt + webhook.terms.joinWindow)
      }
    case .status(let report):
      kind = .status
      externalID = report.externalID
      status = report.status
      reason = report.reason
      reference = report.reference
    }
    part = reference?.part
  }

  /// An outbound message's rows, one for each part; the first has the message.
  static func rows(of message: OutboundMessage) -> [IntakeRow] {
    message.parts.enumerated().map { number, part in
      var row = IntakeRow(channel: message.channel, receivedAt: message.createdAt)
      row.kind = .outbound
      row.body = part.json.bytes
      row.part = number
      row.contact = message.contact.description
      if number == 0 {
        row.id = message.id
        row.content = message.content.json.text
      }
      return row
    }
  }

  func insert(on connection: Connection) throws(LedgerError) {
    let statement = try connection.prepared(Self.insert)
      .bind(1, channel.description).bind(2, receivedAt).bind(3, kind.rawValue)
      .bind(4, contentType).bind(5, query).bind(7, problem).bind(8, id).bind(9, contact)
      .bind(10, externalID).bind(11, timestamp).bind(12, content).bind(13, profile)
      .bind(14, reference?.message).bind(15, part.map(Int64.init))
      .bind(16, status.map { Int64($0.rawValue) }).bind(17, reason)
      .bind(18, fragment?.key.rawValue).bind(19, fragment.map { Int64($0.number) })
      .bind(20, fragment.map { Int64($0.total) }).bind(21, fragment?.until)
      .bind(22, providerContact).bind(23, account.map { Int64($0.rawValue) })
    if let body { statement.bind(6, body) }
    try statement.run()
    connection.backlog.append()
  }

  private static let insert = Query(
    """
    INSERT INTO intake (channel, received_ms, kind, content_type, query, body, problem, mid, contact,
      external_id, timestamp_ms, content, profile, reference, part, status, reason, join_key, piece, pieces,
      join_until_ms, provider_contact, account)
      VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
    """)
}

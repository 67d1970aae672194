/// What the provider's webhooks look like, and what is in them.
struct WebhookRules: Sendable {
  let methods: [String]
  /// Lower case; a body of another type is refused unread.
  let contentTypes: [String]
  let format: BodyFormat
  let charset: Charset
  let answer: HTTPResponse
  let proof: WebhookProof
  /// Of a number that has no country code: digits, from a setting or written out.
  let countryCode: Template?
  let contact: ContactKind
  /// In order; the first one that fits an item says what it is.
  let rules: [Rule]

  enum ContactKind: String, Sendable, CaseIterable { case phone, id }

  struct Rule: Sendable {
    enum Kind: Sendable {
      case message(MessageFields)
      case status(StatusFields)
      case ignored
    }

    let kind: Kind
    /// The list of items; `nil` for the whole document.
    let items: [String]?
    /// All of them hold for an item that the rule is about.
    let conditions: [(place: Place, values: [String])]
  }

  /// - Parameter reader: Makes events of an item's fields, for one account.
  /// - Throws: `.notUnderstood` also where an item of a list is none of those that are described: it
  ///   came to be read. Of a whole document another rule may have read a list.
  func events(
    in received: Received, _ reader: EventReader
  ) throws(WebhookError) -> [WebhookEvent] {
    var batch = EventBatch()
    var (isKnown, isStrange) = (false, false)
    var seen: [[String]?] = []
    for items in rules.map(\.items) where !seen.contains(items) {
      seen.append(items)
      let candidates = rules.filter { $0.items == items }
      for (index, item) in (received.items(at: items) ?? []).enumerated() {
        guard let rule = candidates.first(where: { $0.fits(item, received) }) else {
          isStrange = isStrange || items != nil
          continue
        }
        isKnown = true
        batch.addAll { () throws(WebhookError) in
          switch rule.kind {
          case .message(let fields): try reader.messages(fields, in: item, at: index)
          case .status(let fields): try reader.status(fields, in: item)
          case .ignored: []
          }
        }
      }
      // A list without anything in it is understood.
      isKnown = isKnown || items != nil && received.items(at: items)?.isEmpty ?? false
    }
    if !isKnown || isStrange {
      batch.add { () throws(WebhookError) in
        throw .notUnderstood(
          (isKnown ? "An item of the webhook" : "The webhook")
            + " is neither a message nor a status that is described.")
      }
    }
    return try batch.understood()
  }
}

extension WebhookRules.Rule {
  func fits(_ item: Node, _ received: Received) -> Bool {
    guard conditions.isEmpty else {
      return conditions.allSatisfy { place, values in
        let value = received.value([place], in: item)
        return values.contains { wanted in
          wanted == "*" ? value != nil : (value ?? "").utf8.elementsEqual(wanted.utf8)
        }
      }
    }
    switch kind {
    case .message(let fields): return received.value(fields.from, in: item) != nil
    case .status(let fields): return received.value(fields.status, in: item) != nil
    case .ignored: return true
    }
  }
}

/// Where an inbound message's fields are.
struct MessageFields: Sendable {
  /// Whether all items of a webhook have the same ID: it is outside of them.
  var shareID: Bool {
    id.contains { if case .rootPath = $0.source { true } else { false } }
  }

  let id: [Place]
  /// Where there is no ID: what makes a repeat of a message, all of it together.
  let idFrom: [Place]
  /// Seconds within which the same again is a repeat, where there is no time either.
  let idWindow: Int64
  let from: [Place]
  let text: [Place]
  let name: [Place]
  let time: TimeField?
  let media: MediaFields?
  let latitude: [Place]
  let longitude: [Place]
  let address: [Place]
  let fragment: FragmentFields?
}

/// Of a text that the provider leaves in pieces.
struct FragmentFields: Sendable {
  /// What the pieces of a text have in common.
  let reference: [Place]
  let number: [Place]
  let total: [Place]
}

struct TimeField: Sendable {
  let at: [Place]
  let formats: [TimeFormat]
  /// Minutes east of Greenwich, for texts that name none.
  let zone: Int64
}

struct MediaFields: Sendable {
  /// The list inside the item; `nil` where the item has one at most.
  let items: [String]?
  let url: [Place]
  let type: [Place]
  let name: [Place]
  /// What the URL of media begins with that only our account may fetch.
  let privatePrefix: String?
}

/// Where a status's fields are.
struct StatusFields: Sendable {
  enum Meaning: String, Sendable, CaseIterable {
    case sent, delivered, read, failed, ignored

    var status: DeliveryStatus? { DeliveryStatus(rawValue) }
  }

  let id: [Place]
  let reference: [Place]
  let status: [Place]
  let meanings: ValueTable<Meaning>
  let detail: [Place]
  let code: [Place]
}

import SluiceCore

// Texts that arrive in pieces.

extension InMemoryLedger.Tables {
  func isKnownPiece(_ name: ExternalName) -> Bool {
    joins.values.contains { $0.pieces.values.contains { $0.name == name } }
  }

  /// - Returns: `false` where no message waits for such a piece.
  mutating func join(
    _ message: InboundMessage, _ name: ExternalName, _ contact: ContactKey, now: Int64
  ) -> Bool {
    guard let fragment = message.fragment else { return false }
    let key = JoinKey(channel: name.channel, contact: message.contact, fragment: fragment)
    let waiting = entries.all.filter { _, entry in
      entry.lane == Lane(contact: contact, queue: .inbound) && entry.earliest > now
        && joins[entry.message].map { $0.key == key && $0.pieces[fragment.number] == nil } ?? false
    }
    guard let (id, entry) = waiting.min(by: { $0.1.message < $1.1.message }) else { return false }
    add(message, fragment, name, to: entry.message)
    if joins[entry.message]?.pieces.count == fragment.total {
      entries.update(id) { entry in
        entry.earliest = 0
        entry.dueAt = entry.dueAt.map { min($0, now) }
      }
    }
    return true
  }

  mutating func add(
    _ message: InboundMessage, _ fragment: Fragment, _ name: ExternalName, to row: Int64
  ) {
    guard case .text(let text) = message.content else { return }
    joins[row]?.pieces[fragment.number] = (text, name)
    let pieces = (joins[row]?.pieces ?? [:]).map { (number: $0.key, text: $0.value.text) }
      .sorted { $0.number < $1.number }
    let joined = MessageContent.text(Fragment.joined(pieces, of: fragment.total))
    messages.update(row) { $0.content = joined.json.bytes }
  }
}

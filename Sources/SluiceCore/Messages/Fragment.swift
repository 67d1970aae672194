/// Which piece of a longer text a message is, where the provider passes on the pieces of an SMS as they
/// come (3GPP TS 23.040, 9.2.3.24.1): in any order, and perhaps not all of them.
package struct Fragment: Equatable, Sendable {
  /// What the sender's phone calls the whole text. Unique for a while and per contact only: phones
  /// count to 255 and begin anew.
  package let reference: String
  /// In `1...total`.
  package let number: Int
  /// In `2...255`.
  package let total: Int

  /// - Returns: `nil` for numbers that make no piece: the message is then a whole one.
  package init?(reference: String?, number: Int?, total: Int?) {
    guard let reference, !reference.isEmpty, let total, (2...255).contains(total), let number,
      (1...total).contains(number)
    else { return nil }
    self.reference = reference
    self.number = number
    self.total = total
  }

  /// The whole text, as far as it is there.
  /// - Parameter pieces: In the order of their numbers, without doubles; not empty.
  /// - Returns: The pieces put together; what is missing has its place in brackets.
  package static func joined(_ pieces: [(number: Int, text: String)], of total: Int) -> String {
    var joined = ""
    var next = 1
    for piece in pieces {
      joined += gap(next..<piece.number, of: total) + piece.text
      next = piece.number + 1
    }
    return joined + gap(next..<total + 1, of: total)
  }

  private static func gap(_ missing: Range<Int>, of total: Int) -> String {
    guard let first = missing.first, let last = missing.last else { return "" }
    return first == last
      ? "[part \(first) of \(total) is missing]"
      : "[parts \(first) to \(last) of \(total) are missing]"
  }
}

extension WebhookEvent {
  /// The same where pieces are not to be joined: each is a message that says which piece it is.
  package var unjoined: WebhookEvent {
    guard case .message(let message) = self, let fragment = message.fragment,
      case .text(let text) = message.content
    else { return self }
    var whole = message
    whole.fragment = nil
    whole.content = .text("(\(fragment.number)/\(fragment.total)) \(text)")
    return .message(whole)
  }
}

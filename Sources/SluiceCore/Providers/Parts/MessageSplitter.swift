/// Splits a text into what a provider takes in one call each. The parts joined are the text, byte
/// for byte: white space at a cut stays at the end of the part before it.
package struct MessageSplitter: Sendable {
  private let unit: PartLimits.Unit

  package init(_ unit: PartLimits.Unit) {
    Self.check(unit)
    self.unit = unit
  }

  private static func check(_ unit: PartLimits.Unit) {
    switch unit {
    case .utf16(let maximum):
      precondition(maximum >= 2, "a part of \(maximum) UTF-16 units has no room for an emoji")
    case .bytes(let maximum):
      precondition(maximum >= 4, "a part of \(maximum) bytes has no room for an emoji")
    case .scalars(let maximum):
      precondition(maximum >= 1, "a part of \(maximum) characters holds nothing")
    case .smsSegments(let maximum):
      precondition(maximum >= 1, "a part of \(maximum) segments holds nothing")
    case .both(let one, let other):
      check(one)
      check(other)
    }
  }

  /// The parts in order, at least one. Each is cut after the last white space, so that no word is in
  /// two; a word that exceeds a part is cut between grapheme clusters, and only a cluster that
  /// exceeds a part is cut between scalars.
  package func split(_ text: String) -> [String] {
    // Most texts fit; they need no look at grapheme clusters.
    var whole = PartMeter(unit)
    if whole.take(text.unicodeScalars) { return [text] }
    var parts: [String] = []
    var start = text.startIndex
    repeat {
      let end = cut(text, from: start)
      parts.append(String(text[start..<end]))
      start = end
    } while start < text.endIndex
    return parts
  }

  private func cut(_ text: String, from start: String.Index) -> String.Index {
    let full = reach(in: text, from: start)
    guard full.end < text.endIndex, let space = full.afterSpace else { return full.end }
    // A word longer than a part is cut anyway: then this part may as well be full.
    let next = reach(in: text, from: space)
    return next.end == text.endIndex || next.afterSpace != nil ? space : full.end
  }

  /// How far a part from `start` can go, and where it could end after white space.
  private func reach(
    in text: String, from start: String.Index
  ) -> (end: String.Index, afterSpace: String.Index?) {
    var meter = PartMeter(unit)
    var afterSpace: String.Index?
    var at = start
    while at < text.endIndex {
      let next = text.index(after: at)
      guard meter.take(text[at..<next].unicodeScalars) else { break }
      if Self.mayBreak(after: text[at]) { afterSpace = next }
      at = next
    }
    return at > start ? (at, afterSpace) : (scalarReach(in: text, from: start), nil)
  }

  /// For a grapheme cluster that exceeds a part.
  private func scalarReach(in text: String, from start: String.Index) -> String.Index {
    var meter = PartMeter(unit)
    var at = start
    while at < text.endIndex, meter.take(CollectionOfOne(text.unicodeScalars[at])) {
      at = text.unicodeScalars.index(after: at)
    }
    return at
  }

  private static func mayBreak(after character: Character) -> Bool {
    switch character.unicodeScalars.first {
    case "\u{A0}", "\u{2007}", "\u{202F}": false  // No-break spaces.
    default: character.isWhitespace
    }
  }
}

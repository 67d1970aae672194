extension String {
  /// A provider's own words, fit to stand inside a sentence of ours: one line of at most 200
  /// characters, without the full stop and space at its end.
  var sentence: String {
    let line = String(prefix(200).map { $0.isNewline || $0.isControl ? " " : $0 })
    let end = line.lastIndex { $0 != "." && $0 != " " }
    return end.map { String(line[...$0]) } ?? "no reason given"
  }

  /// Without `secret`, which a peer may have quoted in its complaint about it.
  func redacting(_ secret: Secret) -> String { replacing(secret.exposed, with: "\(secret)") }

  /// The same for all that a peer was told: its credential, and what stands in the URL of its webhooks.
  func redacting(_ secrets: [Secret]) -> String {
    secrets.filter { !$0.bytes.isEmpty }.reduce(self) { $0.redacting($1) }
  }
}

extension Character {
  fileprivate var isControl: Bool {
    unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}

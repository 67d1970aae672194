import Glibc

/// Takes an account's secrets out of what its peer answers: a complaint about a key may quote it, and
/// what is answered goes into the ledger.
package struct SecretFilter: Sendable {
  /// Of one secret the longest first, so that no part of it stays.
  private let spellings: [[UInt8]]

  /// - Parameter secrets: Shorter ones than ``shortest`` stay: they would be found in every word.
  package init(_ secrets: [Secret]) {
    self.init(spellings: secrets.flatMap(Self.spellings))
  }

  private init(spellings: [[UInt8]]) {
    self.spellings = spellings.sorted { $0.count > $1.count }
  }

  /// The same for one secret more.
  package func adding(_ secret: Secret) -> SecretFilter {
    SecretFilter(spellings: spellings + Self.spellings(of: secret))
  }

  /// As it is, in a URL, and in JSON, where some escape the solidus.
  private static func spellings(of secret: Secret) -> [[UInt8]] {
    guard secret.bytes.count >= shortest else { return [] }
    let text = secret.exposed
    let escaped = text.split(separator: "/", omittingEmptySubsequences: false)
      .joined(separator: #"\/"#)
    let others = [FormFields.percent(text), escaped].filter { !$0.utf8.elementsEqual(text.utf8) }
    return ([text] + others).map { Array($0.utf8) }
  }

  /// The beginning of `bytes` as text, without the secrets that begin there.
  /// - Parameter limit: Bytes of `bytes` that it comes from.
  package func text(_ bytes: [UInt8], atMost limit: Int) -> String {
    let head = bytes.prefix(limit)
    let window = Array(bytes.prefix(limit + (spellings.first?.count ?? 0)))
    let found = spellings.filter(window.holds)
    guard !found.isEmpty else { return String(decoding: head, as: UTF8.self) }
    var out: [UInt8] = []
    var at = 0
    while at < head.count {
      if let spelling = found.first(where: { window[at...].starts(with: $0) }) {
        out += Array("[redacted]".utf8)
        at += spelling.count
      } else {
        out.append(window[at])
        at += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Bytes.
  private static let shortest = 4
}

extension [UInt8] {
  /// - Parameter part: Of at least one byte.
  fileprivate func holds(_ part: [UInt8]) -> Bool {
    withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return false }
      var at = 0
      // Every call has an answer, and the usual one quotes nothing.
      while at + part.count <= count,
        let hit = memchr(start + at, Int32(part[0]), count - at - part.count + 1)
      {
        if memcmp(hit, part, part.count) == 0 { return true }
        at = UnsafeRawPointer(hit) - start + 1
      }
      return false
    }
  }
}

import Crypto

/// Makes the tokens that stand in links to media, and believes no others.
///
/// A token is encrypted as well as authenticated (ChaCha20-Poly1305, RFC 8439): a reference may be a
/// URL that opens the media to whoever knows it, as Twilio's does by default, and links end up in
/// other people's logs. Opening one compares in constant time.
package struct MediaSeal: Sendable {
  private let key: SymmetricKey

  /// - Parameter secret: At least 32 bytes that nobody can guess.
  package init(secret: Secret) {
    key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret.bytes), info: Self.purpose, outputByteCount: 32)
  }

  /// - Returns: Letters, digits, `-` and `_`; `nil` where the ticket is too long for a URL.
  package func token(for ticket: MediaTicket) -> String? {
    guard
      let box = try? ChaChaPoly.seal(ticket.json.bytes, using: key, authenticating: Self.purpose)
    else { return nil }
    let token = Base64URL.text(box.combined)
    return token.utf8.count <= Self.longestToken ? token : nil
  }

  /// - Parameter now: Unix milliseconds.
  package func ticket(in token: String, now: Int64) throws(MediaTokenError) -> MediaTicket {
    guard token.utf8.count <= Self.longestToken, let bytes = Base64URL.bytes(token),
      let box = try? ChaChaPoly.SealedBox(combined: bytes),
      let plain = try? ChaChaPoly.open(box, using: key, authenticating: Self.purpose),
      let json = try? JSONReader.read(Array(plain)), let ticket = MediaTicket(json: json)
    else { throw .forged }
    guard now < ticket.expires else { throw .expired }
    return ticket
  }

  /// Tokens of another form, one day, are told apart by it.
  private static let purpose = Array("sluice-media-1".utf8)
  /// Leaves the rest of a URL of 2,048 bytes to the host. `sluice.conf` knows the number too.
  package static let longestToken = 1_800
}

package enum MediaTokenError: Error, Equatable {
  /// Not ours, or made with another key.
  case forged
  case expired
}

import Crypto
import FoundationEssentials

/// `telnyx-signature-ed25519`: base64 of the Ed25519 signature of `telnyx-timestamp`, a `|` and the
/// body, by a key of the whole account. Source:
/// `team-telnyx/telnyx-python: src/telnyx/lib/webhook_verification.py`.
package struct TelnyxSignature: Sendable {
  private let key: Curve25519.Signing.PublicKey

  /// - Parameter publicKey: Base64 of 32 bytes, as the portal shows it.
  package init?(publicKey: String) {
    guard let bytes = Data(base64Encoded: publicKey),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
    else { return nil }
    self.key = key
  }

  /// - Parameter now: Unix milliseconds. Requests that are older than the replay window, or newer,
  ///   are not valid.
  package func isValid(on request: HTTPRequest, now: Int64) -> Bool {
    guard let header = request.headers["telnyx-signature-ed25519"],
      let signature = Data(base64Encoded: header),
      let timestamp = request.headers["telnyx-timestamp"], let seconds = Self.seconds(timestamp),
      abs(now / 1_000 - seconds) <= Self.replayWindow
    else { return false }
    return key.isValidSignature(
      signature, for: Array(timestamp.utf8) + [UInt8(ascii: "|")] + request.body)
  }

  /// Seconds, to either side; the SDK's value.
  private static let replayWindow: Int64 = 300

  private static func seconds(_ text: String) -> Int64? {
    guard (1...11).contains(text.utf8.count),
      text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int64(text)
  }
}

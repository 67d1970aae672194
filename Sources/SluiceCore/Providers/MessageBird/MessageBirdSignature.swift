import Crypto
import FoundationEssentials

/// MessageBird's and Bird's signatures of webhooks, oldest last. Times are Unix milliseconds; how old
/// they may be is the caller's to say.
package enum MessageBirdSignature {
  /// A token over URL and body. Source: `messagebird/go-rest-api: signature_jwt/`.
  /// - Parameter url: As it was called from outside, query included.
  package static func isValid(
    token text: String, url: String, body: [UInt8], secret: Secret, now: Int64
  ) -> Bool {
    let algorithms: Set<JSONWebToken.Algorithm> = [.hs256, .hs384, .hs512]
    guard let claims = JSONWebToken(text, secret: secret, algorithms: algorithms)?.claims,
      claims["iss"]?.string == "MessageBird",
      let begin = claims["nbf"]?.integer, let end = claims["exp"]?.integer,
      // A minute is its life; clocks differ by less than another half.
      begin <= now / 1_000 + 30, end >= now / 1_000 - 30,
      claims["url_hash"]?.isHash(of: Array(url.utf8)) ?? false
    else { return false }
    // There if and only if there is a body.
    guard let hash = claims["payload_hash"] else { return body.isEmpty }
    return !body.isEmpty && hash.isHash(of: body)
  }

  /// The timestamp, the URL and the body's digest, keyed: Bird's Channels. With the sorted query in the
  /// URL's place, the scheme before the tokens. Sources: https://docs.bird.com/api/notifications-api
  /// ("Verifying a webhook"), `messagebird/go-rest-api: signature/`.
  package static func isValid(
    _ signature: String, timestamp: String, line: String, body: [UInt8], secret: Secret
  ) -> Bool {
    guard let signature = Data(base64Encoded: signature) else { return false }
    let text = Data("\(timestamp)\n\(line)\n".utf8) + Data(SHA256.hash(data: body))
    return HMAC<SHA256>.isValidAuthenticationCode(
      signature, authenticating: text, using: SymmetricKey(data: secret.bytes))
  }

  /// A query by the names of its fields, encoded anew as Go's `url.Values` does it.
  package static func sorted(query: String) -> String {
    let fields = FormFields(query.utf8)?.pairs ?? []
    return fields.enumerated()
      .sorted { a, b in
        // Fields of one name keep their order.
        a.element.name.utf8.elementsEqual(b.element.name.utf8)
          ? a.offset < b.offset
          : a.element.name.utf8.lexicographicallyPrecedes(b.element.name.utf8)
      }
      .map { _, field in
        "\(FormFields.percent(field.name))=\(FormFields.percent(field.value))"
          .replacing("%20", with: "+")
      }
      .joined(separator: "&")
  }

  /// Standard Webhooks: ID, timestamp and body, keyed by what follows `whsec_` in the secret. Source:
  /// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  /// - Parameter signatures: Several, divided by spaces, while a secret is being changed.
  package static func isValid(
    standard signatures: String, id: String, timestamp: String, body: [UInt8], key: [UInt8]
  ) -> Bool {
    let text = Data("\(id).\(timestamp).".utf8) + Data(body)
    return signatures.split(separator: " ").prefix(10).contains { entry in
      guard entry.hasPrefix("v1,"), let signature = Data(base64Encoded: String(entry.dropFirst(3)))
      else { return false }
      return HMAC<SHA256>.isValidAuthenticationCode(
        signature, authenticating: text, using: SymmetricKey(data: key))
    }
  }
}

/// A secret for webhooks, and how old their signatures may be.
struct MessageBirdProof: Sendable {
  /// `nil`: `verify = "none"`.
  let secret: Secret?
  /// Milliseconds.
  private let window: Int64

  init?(settings: inout SettingsReader, defaultWindow: Double) {
    window =
      Int64(
        settings.number("replay_window_seconds", default: defaultWindow, in: 30...604_800) * 1_000)
    guard settings.mustVerify() || settings.has("signing_key") else {
      secret = nil
      return
    }
    guard let secret = settings.secret("signing_key", atLeast: 16) else { return nil }
    self.secret = secret
  }

  /// Whether a header of Unix seconds is from within the window.
  func isFresh(_ timestamp: String, now: Int64) -> Bool {
    guard let time = Timestamp.milliseconds(ofSeconds: timestamp) else { return false }
    return (now - window...now + min(window, 300_000)).contains(time)
  }
}

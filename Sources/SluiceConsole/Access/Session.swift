import Crypto
import SluiceCore

/// A browser that was here, and whether somebody signed in with it. All of it stands in a cookie that
/// only we can make, so that any process, and a CGI program that lives for one request, knows it.
struct Session: Equatable {
  /// Random, so that no two are alike.
  let id: [UInt8]
  /// Unix milliseconds.
  let expires: Int64
  let isSignedIn: Bool

  init(isSignedIn: Bool, expires: Int64) {
    // The system's generator is a cryptographic one.
    self.init(
      id: (0..<16).map { _ in UInt8.random(in: 0...255) }, expires: expires,
      isSignedIn: isSignedIn)
  }

  fileprivate init(id: [UInt8], expires: Int64, isSignedIn: Bool) {
    self.id = id
    self.expires = expires
    self.isSignedIn = isSignedIn
  }

  fileprivate var bytes: [UInt8] {
    [isSignedIn ? 1 : 0] + withUnsafeBytes(of: expires.bigEndian, Array.init) + id
  }

  fileprivate init?(bytes: some Collection<UInt8>) {
    let bytes = Array(bytes)
    guard bytes.count == 25, bytes[0] <= 1 else { return nil }
    self.init(
      id: Array(bytes[9...]), expires: bytes[1..<9].reduce(0) { $0 << 8 | Int64($1) },
      isSignedIn: bytes[0] == 1)
  }
}

/// Makes and reads the cookie, and the tokens that our forms carry.
struct SessionSeal: Sendable {
  private let key: SymmetricKey
  /// For what outlives a change of the password.
  private let lastingKey: SymmetricKey

  /// - Parameter secret: At least 32 bytes that nobody can guess.
  /// - Parameter password: What operators sign in with: sessions end when it is changed.
  init(secret: Secret, password: Secret) {
    key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret.bytes), salt: password.bytes,
      info: Array("sluice-console-1".utf8), outputByteCount: 32)
    lastingKey = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: secret.bytes),
      info: Array("sluice-console-familiar-1".utf8), outputByteCount: 32)
  }

  /// Says that somebody has signed in with this browser, and nothing else: it opens no page. It bears a
  /// random ID.
  func familiarity() -> String {
    let id = (0..<16).map { _ in UInt8.random(in: 0...255) }
    return Base64URL.text(
      id + Array(HMAC<SHA256>.authenticationCode(for: id, using: lastingKey)))
  }

  /// - Returns: The browser's ID; `nil` for what we did not make.
  func familiar(_ cookie: String) -> [UInt8]? {
    guard cookie.utf8.count <= 100, let bytes = Base64URL.bytes(cookie), bytes.count == 48,
      HMAC<SHA256>.isValidAuthenticationCode(
        Array(bytes[16...]), authenticating: Array(bytes[..<16]), using: lastingKey)
    else { return nil }
    return Array(bytes[..<16])
  }

  func cookie(for session: Session) -> String {
    Base64URL.text(session.bytes + code("session", session))
  }

  /// - Returns: `nil` for what we did not make, and for what is over.
  func session(in cookie: String, now: Int64) -> Session? {
    guard cookie.utf8.count <= 100, let bytes = Base64URL.bytes(cookie), bytes.count == 57,
      let session = Session(bytes: bytes[..<25]),
      isCode(bytes[25...], "session", session), now < session.expires
    else { return nil }
    return session
  }

  /// Proves that a form came from a page of this session: no other site can know it.
  func formToken(for session: Session) -> String { Base64URL.text(code("form", session)) }

  func isFormToken(_ text: String?, of session: Session) -> Bool {
    guard let text, text.utf8.count <= 64, let bytes = Base64URL.bytes(text) else { return false }
    return isCode(bytes, "form", session)
  }

  private func code(_ purpose: String, _ session: Session) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: purpose.utf8 + session.bytes, using: key))
  }

  /// In constant time (swift-crypto).
  private func isCode(
    _ code: some Collection<UInt8>, _ purpose: String, _ session: Session
  ) -> Bool {
    HMAC<SHA256>.isValidAuthenticationCode(
      Array(code), authenticating: purpose.utf8 + session.bytes, using: key)
  }
}

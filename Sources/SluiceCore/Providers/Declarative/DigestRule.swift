import Crypto
import FoundationEssentials

/// A hash, with or without a key, and how it is written.
struct DigestRule: Sendable {
  enum Algorithm: String, Sendable, CaseIterable {
    case md5, sha1, sha256, sha512
    case hmacMD5 = "hmac-md5"
    case hmacSHA1 = "hmac-sha1"
    case hmacSHA256 = "hmac-sha256"
    case hmacSHA512 = "hmac-sha512"

    var isKeyed: Bool { rawValue.hasPrefix("hmac-") }

    func digest(of bytes: [UInt8], key: [UInt8]) -> [UInt8] {
      switch self {
      case .md5: Array(Insecure.MD5.hash(data: bytes))
      case .sha1: Array(Insecure.SHA1.hash(data: bytes))
      case .sha256: Array(SHA256.hash(data: bytes))
      case .sha512: Array(SHA512.hash(data: bytes))
      case .hmacMD5: Self.code(Insecure.MD5.self, of: bytes, key: key)
      case .hmacSHA1: Self.code(Insecure.SHA1.self, of: bytes, key: key)
      case .hmacSHA256: Self.code(SHA256.self, of: bytes, key: key)
      case .hmacSHA512: Self.code(SHA512.self, of: bytes, key: key)
      }
    }

    private static func code<Function: HashFunction>(
      _ function: Function.Type, of bytes: [UInt8], key: [UInt8]
    ) -> [UInt8] {
      Array(HMAC<Function>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
    }
  }

  enum Encoding: String, Sendable, CaseIterable {
    case hex
    case upperHex = "HEX"
    case base64
  }

  let algorithm: Algorithm
  let encoding: Encoding

  func text(of bytes: [UInt8], key: [UInt8]) -> String {
    let digest = algorithm.digest(of: bytes, key: key)
    switch encoding {
    case .hex: return Hex.text(digest)
    case .upperHex: return Hex.text(digest).uppercased()
    case .base64: return Data(digest).base64EncodedString()
    }
  }

  /// Whether `presented` is the digest's text, in whatever case hexadecimal is written. Takes the same
  /// time wherever the two differ.
  func isMatched(by presented: String?, of bytes: [UInt8], key: [UInt8]) -> Bool {
    let expected = algorithm.digest(of: bytes, key: key)
    let given =
      encoding == .base64
      ? presented.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
      : presented.flatMap { Hex.bytes($0) }
    // Digests compare in constant time (swift-crypto, `Digest`).
    return SHA256.hash(data: expected) == SHA256.hash(data: given ?? []) && given != nil
  }
}

import Crypto

/// A UUID made from a name, the same each time: for providers whose idempotency keys are UUIDs.
package enum NameUUID {
  /// Version 5 (RFC 9562, 5.5), in which SHA-1 only scatters.
  /// - Parameter namespace: The 16 bytes of the UUID that the name belongs to.
  package static func version5(namespace: [UInt8], name: String) -> String {
    var bytes = Array(Insecure.SHA1.hash(data: namespace + Array(name.utf8)).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x50
    bytes[8] = bytes[8] & 0x3F | 0x80
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hex.text(bytes[$0]) }.joined(separator: "-")
  }
}

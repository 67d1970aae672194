/// Our ID for a message, the platform's `mId`: a ULID, 48 bits of Unix milliseconds and 80 random
/// ones, written as 26 letters and digits (https://github.com/ulid/spec). Sorts by time, and fits
/// the platform's limit of 50 and its alphabet.
package struct MessageID: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Most significant half first; the order of the pair is the order of the texts.
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// - Parameter milliseconds: Unix time; its low 48 bits count.
  package init(milliseconds: Int64, using random: inout some RandomNumberGenerator) {
    let entropy = random.next()
    high = UInt64(truncatingIfNeeded: milliseconds) << 16 | entropy & 0xFFFF
    low = random.next()
  }

  /// Reads the text form; upper or lower case.
  package init?(_ text: String) {
    guard text.utf8.count == 26 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for byte in text.utf8 {
      guard byte < 128, case let digit = Self.values[Int(byte)], digit >= 0 else { return nil }
      guard high >> 59 == 0 else { return nil }  // 26 x 5 bits are two more than fit.
      high = high << 5 | low >> 59
      low = low << 5 | UInt64(digit)
    }
    self.init(high: high, low: low)
  }

  /// Unix milliseconds of its making.
  package var milliseconds: Int64 { Int64(high >> 16) }

  package var description: String {
    String(unsafeUninitializedCapacity: 26) { buffer in
      var (high, low) = (high, low)
      for index in (0..<26).reversed() {
        buffer[index] = Self.digits[Int(low & 31)]
        low = low >> 5 | high << 59
        high >>= 5
      }
      return 26
    }
  }

  package static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }

  /// Crockford's base 32: no I, L, O, U.
  private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  private static let values: [Int8] = {
    var table = [Int8](repeating: -1, count: 128)
    for (value, digit) in digits.enumerated() {
      table[Int(digit)] = Int8(value)
      if digit >= UInt8(ascii: "A") { table[Int(digit | 0x20)] = Int8(value) }
    }
    return table
  }()
}

extension Timestamp {
  /// Reads RFC 3339, the form of ISO 8601 that providers write: `2026-01-01T00:00:00.123+00:00`, also
  /// with `Z`, and with or without a fraction. Days are counted as in the proleptic Gregorian
  /// calendar, each year from March, so that the leap day is its last.
  /// - Returns: Unix milliseconds; `nil` for everything else.
  package static func milliseconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard (20...40).contains(bytes.count),
      [4, 7, 10, 13, 16].map({ bytes[$0] }).elementsEqual("--T::".utf8),
      let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
      let day = number(bytes[8..<10]), let hour = number(bytes[11..<13]),
      let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
    else { return nil }
    var rest = bytes[19...]
    var fraction: Int64 = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
      guard !digits.isEmpty, let value = number((digits + [0x30, 0x30]).prefix(3)) else {
        return nil
      }
      fraction = value
      rest = rest[digits.endIndex...]
    }
    guard let offset = offsetMinutes(rest) else { return nil }
    let march = month > 2 ? (year: year, month: month - 3) : (year: year - 1, month: month + 9)
    let leapDays = march.year / 4 - march.year / 100 + march.year / 400
    let days = march.year * 365 + leapDays + (153 * march.month + 2) / 5 + day - 1 - 719_468
    return (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1_000 + fraction
  }

  /// `Z`, `+01:00` or `+0100`.
  private static func offsetMinutes(_ bytes: ArraySlice<UInt8>) -> Int64? {
    guard let sign = bytes.first else { return nil }
    if bytes.elementsEqual("Z".utf8) { return 0 }
    let digits = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
    guard digits.count == 4, let hours = number(digits[..<2]), let minutes = number(digits[2...]),
      hours < 24, minutes < 60
    else { return nil }
    switch sign {
    case UInt8(ascii: "+"): return hours * 60 + minutes
    case UInt8(ascii: "-"): return -(hours * 60 + minutes)
    default: return nil
    }
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    digits.reduce(0) { sum, byte in
      guard let sum, (0x30...0x39).contains(byte) else { return nil }
      return sum * 10 + Int64(byte - 0x30)
    }
  }
}

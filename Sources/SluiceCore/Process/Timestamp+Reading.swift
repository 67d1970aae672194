extension Timestamp {
  /// Unix milliseconds of a text of Unix seconds: digits alone, at most 11 of them.
  package static func milliseconds(ofSeconds text: String) -> Int64? {
    guard (1...11).contains(text.utf8.count), let seconds = number(text.utf8[...]), seconds > 0
    else { return nil }
    return seconds * 1_000
  }

  /// Unix milliseconds of a date and time as providers write them: RFC 3339, also with a space for the
  /// `T`, a zone without its colon, or none, which is taken for UTC.
  package static func milliseconds(ofDate text: String) -> Int64? {
    var rest = text.utf8[...]
    guard (19...40).contains(rest.count), let year = field(4, "-", &rest),
      let month = field(2, "-", &rest), (1...12).contains(month),
      let day = field(2, nil, &rest), (1...31).contains(day),
      let separator = rest.popFirst(), separator == 0x20 || separator | 0x20 == UInt8(ascii: "t"),
      let hour = field(2, ":", &rest), hour < 24, let minute = field(2, ":", &rest), minute < 60,
      // A leap second counts as the one that follows.
      let second = field(2, nil, &rest), second <= 60
    else { return nil }
    var fraction: Int64 = 0
    if rest.first == UInt8(ascii: ".") {
      let digits = rest.dropFirst().prefix { isDigit($0) }
      guard !digits.isEmpty else { return nil }
      rest = rest.dropFirst(1 + digits.count)
      fraction = number(Array("\(Substring(digits))00".utf8.prefix(3))[...]) ?? 0
    }
    guard let offset = offset(rest) else { return nil }
    let time = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    return (time - offset * 60) * 1_000 + fraction
  }

  /// Minutes east of UTC.
  private static func offset(_ zone: Substring.UTF8View) -> Int64? {
    var rest = zone
    guard let sign = rest.popFirst() else { return 0 }
    if sign | 0x20 == UInt8(ascii: "z") { return rest.isEmpty ? 0 : nil }
    // A `+` that somebody left unescaped in a query arrives as a space.
    let isEast = sign == UInt8(ascii: "+") || sign == 0x20
    guard isEast || sign == UInt8(ascii: "-"), let hours = field(2, nil, &rest), hours < 24
    else { return nil }
    if rest.first == UInt8(ascii: ":") { rest.removeFirst() }
    guard let minutes = field(2, nil, &rest), minutes < 60, rest.isEmpty else { return nil }
    return (isEast ? 1 : -1) * (hours * 60 + minutes)
  }

  /// Days since 1970 by the proleptic Gregorian calendar; years begin in March here, so that the leap
  /// day is the last.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month > 2 ? year : year - 1
    let leapDays = year / 4 - year / 100 + year / 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return year * 365 + leapDays + dayOfYear - 719_468
  }

  /// So many digits, and what has to follow them.
  private static func field(
    _ width: Int, _ end: Unicode.Scalar?, _ rest: inout Substring.UTF8View
  ) -> Int64? {
    guard rest.count >= width, let value = number(rest.prefix(width)) else { return nil }
    rest = rest.dropFirst(width)
    guard let end else { return value }
    return rest.popFirst() == UInt8(ascii: end) ? value : nil
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int64? {
    guard !digits.isEmpty, digits.count <= 11, digits.allSatisfy(isDigit) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

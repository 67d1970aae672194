/// A date of the Gregorian calendar and a time of day. Own arithmetic, because all of it that is in
/// reach otherwise is a whole Foundation, or C functions that change the process's time zone.
struct CivilTime: Sendable {
  var year: Int64 = 1970
  var month: Int64 = 1
  var day: Int64 = 1
  var hour: Int64 = 0
  var minute: Int64 = 0
  var second: Int64 = 0
  var millisecond: Int64 = 0

  init() {}

  /// - Parameter milliseconds: Unix time; the result is UTC.
  init(_ milliseconds: Int64) {
    let day = milliseconds.flooredQuotient(86_400_000)
    var rest = milliseconds - day * 86_400_000
    (millisecond, rest) = (rest % 1_000, rest / 1_000)
    (second, rest) = (rest % 60, rest / 60)
    (minute, hour) = (rest % 60, rest / 60)
    // Days are counted from 1 March of a year divisible by 400, so that a leap day ends its year.
    let shifted = day + 719_468
    let era = shifted.flooredQuotient(146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Unix milliseconds.
  /// - Parameter zone: Minutes east of Greenwich.
  /// - Returns: `nil` for a time that no clock shows.
  func milliseconds(zone: Int64) -> Int64? {
    guard (1...9_999).contains(year), (1...12).contains(month),
      (1...Self.days(of: month, in: year)).contains(day), (0...23).contains(hour),
      (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    let years = month <= 2 ? year - 1 : year
    let era = years.flooredQuotient(400)
    let yearOfEra = years - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days =
      era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    let seconds = days * 86_400 + hour * 3_600 + (minute - zone) * 60 + second
    return seconds * 1_000 + millisecond
  }

  private static func days(of month: Int64, in year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}

extension Int64 {
  fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : (self - divisor + 1) / divisor
  }
}

/// Reads a time byte by byte.
struct TimeScanner {
  private var rest: ArraySlice<UInt8>

  init(_ text: String) { rest = Array(text.utf8)[...] }

  var isAtEnd: Bool { rest.isEmpty }

  /// A whole number of at most 15 digits, alone.
  static func number(_ text: String) -> Int64? {
    var scanner = TimeScanner(text)
    guard (1...15).contains(text.utf8.count), let number = scanner.digits(text.utf8.count)
    else { return nil }
    return number
  }

  static func rfc3339(_ text: String, zone: Int64) -> Int64? {
    var (scanner, time) = (TimeScanner(text), CivilTime())
    guard let year = scanner.digits(4), scanner.take(UInt8(ascii: "-")),
      let month = scanner.digits(2), scanner.take(UInt8(ascii: "-")), let day = scanner.digits(2),
      scanner.take(UInt8(ascii: "T")) || scanner.take(UInt8(ascii: " ")),
      let hour = scanner.digits(2), scanner.take(UInt8(ascii: ":")),
      let minute = scanner.digits(2), scanner.take(UInt8(ascii: ":")),
      let second = scanner.digits(2)
    else { return nil }
    (time.year, time.month, time.day) = (year, month, day)
    (time.hour, time.minute, time.second) = (hour, minute, second)
    if scanner.take(UInt8(ascii: ".")) { time.millisecond = scanner.fraction() }
    if scanner.isAtEnd { return time.milliseconds(zone: zone) }
    guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
    return time.milliseconds(zone: offset)
  }

  /// Exactly so many.
  mutating func digits(_ count: Int) -> Int64? {
    let digits = rest.prefix(count)
    guard digits.count == count,
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    rest = rest.dropFirst(count)
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  /// Thousandths of however many digits.
  private mutating func fraction() -> Int64 {
    var (value, scale): (Int64, Int64) = (0, 100)
    while let digit = digits(1) {
      value += digit * scale
      scale /= 10
    }
    return value
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard rest.first == byte else { return false }
    rest.removeFirst()
    return true
  }

  mutating func take(_ count: Int) -> String {
    defer { rest = rest.dropFirst(count) }
    return String(decoding: rest.prefix(count), as: UTF8.self)
  }

  /// `Z`, `+0200`, `+02:00`, `+02`: minutes.
  mutating func offset() -> Int64? {
    if take(UInt8(ascii: "Z")) { return 0 }
    let isWest = rest.first == UInt8(ascii: "-")
    guard take(UInt8(ascii: "+")) || take(UInt8(ascii: "-")), let hours = digits(2) else {
      return nil
    }
    _ = take(UInt8(ascii: ":"))
    let minutes = digits(2) ?? 0
    guard hours <= 14, minutes <= 59 else { return nil }
    return (isWest ? -1 : 1) * (hours * 60 + minutes)
  }
}

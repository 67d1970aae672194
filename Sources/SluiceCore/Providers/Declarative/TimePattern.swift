/// A date and time as a provider writes it: `YYYY-MM-DD hh:mm:ss`, `DD/MM/YYYY`. Tokens are `YYYY`,
/// `MM`, `MMM` (English, three letters), `DD`, `hh` (0 to 23), `mm`, `ss`, `SSS`, `EEE` (a weekday),
/// `Z` (an offset) and `*` (whatever follows); all else stands for itself.
struct TimePattern: Sendable {
  private enum Token {
    case digits(any WritableKeyPath<CivilTime, Int64> & Sendable, count: Int)
    case monthName, weekday, offset, rest
    case literal(UInt8)
  }

  private let tokens: [Token]

  init(_ text: String) {
    var tokens: [Token] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.first {
      let run = rest.prefix { $0 == byte }
      let word = String(decoding: run, as: UTF8.self)
      if let token = Self.token(word) {
        tokens.append(token)
      } else {
        tokens += run.map(Token.literal)
      }
      rest = rest.dropFirst(run.count)
    }
    self.tokens = tokens
  }

  private static func token(_ word: String) -> Token? {
    switch word {
    case "YYYY": .digits(\.year, count: 4)
    case "MM": .digits(\.month, count: 2)
    case "DD": .digits(\.day, count: 2)
    case "hh": .digits(\.hour, count: 2)
    case "mm": .digits(\.minute, count: 2)
    case "ss": .digits(\.second, count: 2)
    case "SSS": .digits(\.millisecond, count: 3)
    case "MMM": .monthName
    case "EEE": .weekday
    case "Z": .offset
    case "*": .rest
    default: nil
    }
  }

  /// - Parameter zone: Minutes east of Greenwich, for a text that names none.
  /// - Returns: Unix milliseconds; `nil` for what does not fit.
  func milliseconds(_ text: String, zone: Int64) -> Int64? {
    var time = CivilTime()
    var offset = zone
    var rest = TimeScanner(text)
    for token in tokens {
      switch token {
      case .digits(let field, let count):
        guard let number = rest.digits(count) else { return nil }
        time[keyPath: field] = number
      case .monthName:
        let name = rest.take(3).lowercased()
        guard let index = CivilTime.monthNames.firstIndex(where: { $0.lowercased() == name })
        else { return nil }
        time.month = Int64(index + 1)
      case .weekday: guard rest.take(3).utf8.count == 3 else { return nil }
      case .offset:
        guard let minutes = rest.offset() else { return nil }
        offset = minutes
      case .literal(let byte): guard rest.take(byte) else { return nil }
      case .rest: return time.milliseconds(zone: offset)
      }
    }
    return rest.isAtEnd ? time.milliseconds(zone: offset) : nil
  }

  /// Unix milliseconds as text, in UTC.
  func text(_ milliseconds: Int64) -> String {
    let time = CivilTime(milliseconds)
    return tokens.reduce(into: "") { text, token in
      switch token {
      case .digits(let field, let count): text += CivilTime.padded(time[keyPath: field], count)
      case .monthName: text += CivilTime.monthNames[Int(time.month - 1)]
      case .offset: text += "Z"
      case .literal(let byte): text.unicodeScalars.append(Unicode.Scalar(byte))
      case .weekday, .rest: break
      }
    }
  }
}

/// A time as providers send it.
enum TimeFormat: Sendable {
  case seconds
  case milliseconds
  /// RFC 3339, also with a space for the `T`, an offset without colon, or none.
  case rfc3339
  case pattern(TimePattern)

  init(_ text: String) {
    switch text {
    case "seconds": self = .seconds
    case "milliseconds": self = .milliseconds
    case "rfc3339": self = .rfc3339
    default: self = .pattern(TimePattern(text))
    }
  }

  /// - Returns: Unix milliseconds, of the years 2000 to 2099; anything else is no time of a message.
  func read(_ text: String, zone: Int64) -> Int64? {
    let time: Int64? =
      switch self {
      case .seconds: TimeScanner.number(text).map { $0 * 1_000 }
      case .milliseconds: TimeScanner.number(text)
      case .rfc3339: TimeScanner.rfc3339(text, zone: zone)
      case .pattern(let pattern): pattern.milliseconds(text, zone: zone)
      }
    return time.flatMap { (946_684_800_000..<4_102_444_800_000).contains($0) ? $0 : nil }
  }
}

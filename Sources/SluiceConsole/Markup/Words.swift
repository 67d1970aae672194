import SluiceCore
import SluicePages

/// Numbers and times as people read them. Times are Unix milliseconds, shown in UTC.
enum Words {
  /// `1,204,000`
  static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var out = number < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out += "," }
      out.append(digit)
    }
    return out
  }

  /// `1 message`, `2 messages`
  static func count(_ number: Int, _ noun: String) -> String {
    "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// `0.5`, `12`, of calls a second.
  static func rate(_ number: Double) -> String {
    let tenths = Int((min(max(number, 0), 1e9) * 10).rounded())
    return tenths % 10 == 0 || tenths >= 1_000
      ? count(tenths / 10) : "\(count(tenths / 10)).\(tenths % 10)"
  }

  /// `in 5 s`, `5 s ago`, `now`
  static func distance(to time: Int64, now: Int64) -> String {
    if abs(time - now) < 1_000 { return "now" }
    return time > now ? "in \(TimeSpan.text(time - now))" : "\(TimeSpan.text(now - time)) ago"
  }

  /// The time of day, and the date where it is another than today's.
  static func time(_ time: Int64, now: Int64, precise: Bool = false) -> HTML {
    let full = Timestamp.text(time)
    let clock = String(full.dropFirst(11).prefix(precise ? 12 : 8))
    let isToday = full.prefix(10) == Timestamp.text(now).prefix(10)
    return
      "<time datetime=\"\(full)\" title=\"\(full)\">\(isToday ? "" : "\(full.prefix(10)) ")\(clock)</time>"
  }
}

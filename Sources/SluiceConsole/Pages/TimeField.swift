/// A time as a form has it, UTC: `2026-11-25T08:30`, as browsers send it, or `2026-11-25 08:30`, with seconds
/// or without, or a day alone, which is its beginning.
enum TimeField {
  /// - Returns: Unix milliseconds; `nil` for what is no time.
  static func milliseconds(_ text: String) -> Int64? {
    let halves = text.split(
      separator: text.contains("T") ? "T" : " ", maxSplits: 1, omittingEmptySubsequences: false)
    guard let date = halves.first.flatMap({ numbers($0, separator: "-", widths: [4, 2, 2]) }),
      let day = day(date[0], date[1], date[2])
    else { return nil }
    var time: [Int64] = [0, 0, 0]
    if halves.count == 2 {
      let clock = halves[1].last == "Z" ? halves[1].dropLast() : halves[1]
      guard
        let found = numbers(clock, separator: ":", widths: [2, 2])
          ?? numbers(clock, separator: ":", widths: [2, 2, 2])
      else { return nil }
      time = found + (found.count == 2 ? [0] : [])
    }
    guard time[0] < 24, time[1] < 60, time[2] < 60 else { return nil }
    let minutes = (day * 24 + time[0]) * 60 + time[1]
    return (minutes * 60 + time[2]) * 1_000
  }

  /// Days since 1970 by the civil calendar; `nil` for a day that is in no month.
  private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
    guard (1970...9999).contains(year), (1...12).contains(month) else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...lengths[Int(month) - 1]).contains(day) else { return nil }
    let past = year - 1
    let leapDays: Int64 = past / 4 - past / 100 + past / 400 - 477  // Up to 1969 there were 477.
    let daysBefore: Int64 = lengths.prefix(Int(month) - 1).reduce(0, +)
    return (year - 1970) * 365 + leapDays + daysBefore + day - 1
  }

  private static func numbers(
    _ text: some StringProtocol, separator: Character, widths: [Int]
  ) -> [Int64]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == widths.count else { return nil }
    var numbers: [Int64] = []
    for (part, width) in zip(parts, widths) {
      guard part.utf8.count == width, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int64(part)
      else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}

/// What a provider's words and numbers mean: `"DELIVRD" = "delivered"`, a range as
/// `"10-12" = "delivered"`, an open one as `"21-" = "failed"`, and `"*"` for everything else.
struct ValueTable<Meaning: Sendable>: Sendable {
  private var exact: [String: Meaning] = [:]
  private var ranges: [(range: ClosedRange<Int64>, meaning: Meaning)] = []
  private var otherwise: Meaning?

  init() {}

  mutating func set(_ key: String, _ meaning: Meaning) {
    if key == "*" {
      otherwise = meaning
    } else if let range = Self.range(key) {
      ranges.append((range, meaning))
    } else {
      exact[key.lowercased()] = meaning
    }
  }

  /// - Parameter value: In upper or lower case; providers do not agree with themselves.
  func meaning(of value: String) -> Meaning? {
    if let meaning = exact[value.lowercased()] { return meaning }
    if let number = TimeScanner.number(value),
      let match = ranges.first(where: { $0.range.contains(number) })
    {
      return match.meaning
    }
    return otherwise
  }

  var meanings: [Meaning] { exact.values + ranges.map(\.meaning) + (otherwise.map { [$0] } ?? []) }

  private static func range(_ key: String) -> ClosedRange<Int64>? {
    let ends = key.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard ends.count == 2, let first = TimeScanner.number(ends[0]) else { return nil }
    guard !ends[1].isEmpty else { return first...Int64.max }
    guard let last = TimeScanner.number(ends[1]), last >= first else { return nil }
    return first...last
  }
}

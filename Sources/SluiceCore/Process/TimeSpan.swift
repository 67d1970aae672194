/// Lengths of time for people.
package enum TimeSpan {
  /// In its largest fitting unit, and the next one where that is small: `850 ms`, `12.3 s`, `4 min`,
  /// `5 h 20 min`, `3 d`. Negative ones, which come of clocks that differ, count as 0.
  package static func text(_ milliseconds: Int64) -> String {
    let milliseconds = max(milliseconds, 0)
    let seconds = milliseconds / 1_000
    switch seconds {
    case 0: return "\(milliseconds) ms"
    case ..<60: return "\(seconds).\(milliseconds % 1_000 / 100) s"
    case ..<3_600: return "\(seconds / 60) min"
    case ..<86_400:
      let minutes = seconds / 60 % 60
      return minutes == 0 ? "\(seconds / 3_600) h" : "\(seconds / 3_600) h \(minutes) min"
    default: return "\(seconds / 86_400) d"
    }
  }
}

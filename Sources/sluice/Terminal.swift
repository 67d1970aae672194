import Glibc
import SluiceCore

/// Colours, where a person looks at a terminal that has them and has not said `NO_COLOR`
/// (https://no-color.org).
enum Colour: String {
  case red = "31"
  case green = "32"
  case yellow = "33"
  case dim = "2"

  func callAsFunction(_ text: String) -> String {
    Self.areWanted ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
  }

  private static let areWanted =
    isatty(1) == 1 && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
    && getenv("TERM").map { String(cString: $0) != "dumb" } ?? false
}

/// How far something is that takes a while: a line on standard error, every second once it has taken
/// two.
struct Progress {
  private let verb: String
  private let start = SystemClocks().boot
  private var next: UInt64

  init(_ verb: String) {
    self.verb = verb
    next = start + 2_000_000_000
  }

  /// - Parameter all: How much there is to do, where that is known.
  mutating func report(_ done: Int, of all: Int? = nil) {
    let now = SystemClocks().boot
    guard now >= next else { return }
    next = now + 1_000_000_000
    let total = all.map { " of \($0)" } ?? ""
    let time = Int64((now - start) / 1_000_000)
    let left =
      all.flatMap { Self.left(done, of: $0, after: time) }
      .map { ", about \(TimeSpan.text($0)) left" } ?? ""
    StandardError.print("\(done)\(total) \(verb), \(TimeSpan.text(time))\(left) …")
  }

  /// How long the rest will take if it goes on like this; milliseconds.
  private static func left(_ done: Int, of all: Int, after time: Int64) -> Int64? {
    guard done > 0, all > done else { return nil }
    return Int64(Double(time) * Double(all - done) / Double(done))
  }
}

/// The same for what is done in one piece.
/// - Parameters:
///   - done: How much of it is done, asked on another thread.
///   - body: The work; what it takes along, that thread leaves alone.
func tellingProgress<Value>(
  _ verb: String, of all: Int, done: @escaping @Sendable () -> Int, while body: () throws -> Value
) rethrows -> Value {
  let isOver = CountingSemaphore()
  let hasEnded = CountingSemaphore()
  Thread.start {
    var progress = Progress(verb)
    while !isOver.wait(milliseconds: 500) { progress.report(done(), of: all) }
    hasEnded.signal()
  }
  defer {
    isOver.signal()
    hasEnded.wait()
  }
  return try body()
}

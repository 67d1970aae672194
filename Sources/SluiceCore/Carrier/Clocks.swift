/// The two clocks of this project. Wall time is for what people and other machines read; boot time
/// is for rates and time-outs, because nobody can step it.
package protocol Clocks: Sendable {
  /// Unix milliseconds.
  var wall: Int64 { get }
  /// Nanoseconds of `CLOCK_BOOTTIME`.
  var boot: UInt64 { get }
  /// Which boot that counts from; 0 where it is not known.
  var bootID: UInt64 { get }
}

extension Clocks {
  package var bootID: UInt64 { 0 }
}

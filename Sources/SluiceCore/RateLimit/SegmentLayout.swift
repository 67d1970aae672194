/// What lies where in the shared segment. All of it is 64-bit words, and zero is each one's beginning:
///
/// ```text
/// header        what the file is, when it was made, the relay's heartbeat; what ``RepeatedLine``s
///               have in common
/// lines         per channel and destination: token bucket, breaker, calls made lately
/// names         which channel has which place in the three below; place 0 is everyone's who has none
/// log           per place: how often each ``RepeatedLine`` was written lately
/// counters      per place, queue and event
/// history       per place: what was counted, by minute and by quarter of an hour
/// histograms    one per kind of duration
/// ```
///
/// sluice-media has a segment of its own, of the first and the last only: what follows addresses that
/// others name is to have no part in everybody's rates.
enum SegmentLayout {
  static let version: UInt64 = 3

  enum Header: Int { case magic, version, boot, birth, identity, relayBeat }

  /// Twice what 10,000 channels need, so that probing stays short.
  static let lines = 1 << 16
  /// Channels that are counted apart, and ``otherPlace``.
  static let places = 1 << 12
  static let otherPlace = 0
  static let wordsPerLine = 8
  static let wordsPerName = 8
  /// A channel name's 40 bytes.
  static let nameWords = 5
  static let eventsPerQueue = 8
  static let wordsPerCounters = Queue.allCases.count * eventsPerQueue
  /// A page.
  static let wordsPerHistory = 512
  static let wordsPerHistogram = 64
  static let histograms = 24
  static let wordsPerLog = 8

  /// First words.
  static let firstCommonLog = 256
  static let firstLine = 512
  static let firstName = firstLine + lines * wordsPerLine
  static let firstLog = firstName + places * wordsPerName
  static let firstCounter = firstLog + places * wordsPerLog
  static let firstHistory = firstCounter + places * wordsPerCounters

  static func firstHistogram(_ kind: SegmentKind) -> Int {
    kind == .main ? firstHistory + places * wordsPerHistory : firstLine
  }

  static func bytes(_ kind: SegmentKind) -> Int {
    (firstHistogram(kind) + histograms * wordsPerHistogram) * 8
  }
}

package enum SegmentKind: Sendable {
  case main
  case media
}

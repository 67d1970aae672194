/// What lies where in the shared segment. All of it is 64-bit words, and zero is each one's beginning:
///
/// ```text
/// header        what the file is, when it was made, the relay's heartbeat
/// lines         per channel and destination: token bucket, breaker, calls made lately
/// names         which channel has which place in the two below; place 0 is everyone's who has none
/// counters      per place, queue and event
/// history       per place: what was counted, by minute and by quarter of an hour
/// histograms    one per kind of duration
/// ```
enum SegmentLayout {
  static let version: UInt64 = 2

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
  static let histograms = 16

  /// First words.
  static let firstLine = 512
  static let firstName = firstLine + lines * wordsPerLine
  static let firstCounter = firstName + places * wordsPerName
  static let firstHistory = firstCounter + places * wordsPerCounters
  static let firstHistogram = firstHistory + places * wordsPerHistory
  static let bytes = (firstHistogram + histograms * wordsPerHistogram) * 8
}

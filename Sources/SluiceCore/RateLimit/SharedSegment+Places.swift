// Where a channel is counted.

extension SharedSegment {
  /// The channel's place, claimed if it is new; ``SegmentLayout/otherPlace`` for channels that no
  /// longer fit, which are counted together.
  func place(of channel: ChannelName) -> Int {
    let key = Self.key(channel)
    for place in Self.places(near: key) {
      let held = nameWord(place, 0)
      var owner = held.value
      if owner == 0 {
        let claim = held.exchange(0, for: key)
        owner = claim.exchanged ? key : claim.original
      }
      guard owner == key else { continue }
      // Whoever claimed it may have died before the name was there.
      if nameWord(place, 1).value == 0 { write(channel, to: place) }
      return place
    }
    return SegmentLayout.otherPlace
  }

  /// The same to look at: `nil` for a channel of which nothing has been counted, or not apart.
  func place(finding channel: ChannelName) -> Int? {
    let key = Self.key(channel)
    return Self.places(near: key).first { nameWord($0, 0).value == key }
  }

  /// Whose place it is; `nil` for nobody's, and for one whose name is not (all) there.
  func channel(at place: Int) -> ChannelName? {
    let key = nameWord(place, 0).value
    guard key != 0 else { return nil }
    var bytes: [UInt8] = []
    for index in 1...SegmentLayout.nameWords {
      let word = nameWord(place, index).value
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
    let name = ChannelName(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
    return name.flatMap { Self.key($0) == key ? $0 : nil }
  }

  func counter(_ event: CountedEvent, _ queue: Queue, at place: Int) -> SharedWord {
    SharedWord(
      base,
      SegmentLayout.firstCounter + place * SegmentLayout.wordsPerCounters
        + queue.rawValue * SegmentLayout.eventsPerQueue + event.rawValue)
  }

  func history(_ slot: HistorySlot, at place: Int) -> SharedWord {
    SharedWord(
      base, SegmentLayout.firstHistory + place * SegmentLayout.wordsPerHistory + slot.index)
  }

  /// - Parameter bucket: In `0...LatencyScale.buckets`; the last one is the sum, microseconds.
  func histogram(_ duration: TimedDuration, bucket: Int) -> SharedWord {
    SharedWord(
      base,
      SegmentLayout.firstHistogram(kind) + duration.place * SegmentLayout.wordsPerHistogram + bucket
    )
  }

  /// How often a line was written; a channel without a place of its own counts with all others.
  func log(_ line: RepeatedLine, at place: Int) -> SharedWord {
    let first =
      place == SegmentLayout.otherPlace
      ? SegmentLayout.firstCommonLog : SegmentLayout.firstLog + place * SegmentLayout.wordsPerLog
    return SharedWord(base, first + line.rawValue)
  }

  private func nameWord(_ place: Int, _ index: Int) -> SharedWord {
    SharedWord(base, SegmentLayout.firstName + place * SegmentLayout.wordsPerName + index)
  }

  /// The first bytes last: where they are, the others are too.
  private func write(_ channel: ChannelName, to place: Int) {
    var words = [UInt64](repeating: 0, count: SegmentLayout.nameWords)
    for (index, byte) in channel.description.utf8.enumerated() {
      words[index / 8] |= UInt64(byte) << UInt64(index % 8 * 8)
    }
    for (index, word) in words.enumerated().reversed() { nameWord(place, 1 + index).set(word) }
  }

  private static func places(near key: UInt64) -> some Sequence<Int> {
    let others = UInt64(SegmentLayout.places - 1)
    return (0..<longestProbe).lazy.map { 1 + Int((key &+ $0) % others) }
  }

  private static func key(_ channel: ChannelName) -> UInt64 {
    max(fnv1a(channel.description.utf8), 1)
  }

  private static let longestProbe: UInt64 = 64
}

// A channel and destination's words.

extension SharedSegment {
  func header(_ place: SegmentLayout.Header) -> SharedWord { SharedWord(base, place.rawValue) }

  /// One key's words.
  struct Line {
    /// `next`: when the next slot is free (``TokenBucket``), `interval` nanoseconds after the one
    /// before. `held`: nobody calls before. `second`, `minute`: slots taken (``RecentCount``).
    /// `waits`: how often there was no slot.
    enum Place: Int { case key, next, held, breaker, interval, second, minute, waits }

    private let base: UnsafeMutableRawPointer
    private let first: Int

    fileprivate init(_ base: UnsafeMutableRawPointer, _ index: UInt64) {
      self.base = base
      first = SegmentLayout.firstLine + Int(index) * SegmentLayout.wordsPerLine
    }

    subscript(place: Place) -> SharedWord { SharedWord(base, first + place.rawValue) }
  }

  /// The line of a destination, claimed if it is new; all that no longer fit share the last one, which
  /// makes them wait for each other, never exceed their limits.
  func line(_ destination: Destination, of channel: ChannelName) -> Line {
    let key = Self.key(destination, channel)
    for line in lines(near: key) {
      let held = line[.key].value
      if held == key { return line }
      if held == 0 {
        let claim = line[.key].exchange(0, for: key)
        if claim.exchanged || claim.original == key { return line }
      }
    }
    return Line(base, UInt64(SegmentLayout.lines - 1))
  }

  /// The same to look at; `nil` where nobody has called that destination yet.
  func line(finding destination: Destination, of channel: ChannelName) -> Line? {
    let key = Self.key(destination, channel)
    return lines(near: key).first { $0[.key].value == key }
  }

  private func lines(near key: UInt64) -> some Sequence<Line> {
    let mask = UInt64(SegmentLayout.lines - 1)
    return (0..<Self.longestProbe).lazy.map { Line(self.base, (key &+ $0) & mask) }
  }

  private static func key(_ destination: Destination, _ channel: ChannelName) -> UInt64 {
    max(fnv1a(channel.description.utf8, after: fnv1a(CollectionOfOne(destination.rawValue))), 1)
  }

  private static let longestProbe: UInt64 = 128
}

/// What the shared segment says, for whoever looks: the console, the CLI, the metrics. It changes
/// nothing, and where there is no segment (yet) nothing has happened.
package final class SharedStatus: Sendable {
  private let segment: CurrentSegment
  private let media: CurrentSegment
  private let clocks: any Clocks

  package init(path: String, stateDirectory: String, clocks: any Clocks) {
    segment = CurrentSegment(reading: path, stateDirectory: stateDirectory)
    media = CurrentSegment(
      reading: SharedSegment.mediaPath(for: stateDirectory), stateDirectory: stateDirectory,
      kind: .media)
    self.clocks = clocks
  }

  /// The segment of these settings.
  package convenience init(_ server: Settings.Server, clocks: any Clocks) {
    self.init(path: server.sharedMemory, stateDirectory: server.stateDirectory, clocks: clocks)
  }

  package func destination(
    _ destination: Destination, of channel: ChannelName
  ) -> DestinationStatus {
    var status = DestinationStatus()
    let now = clocks.boot
    guard let segment = segment.get(now: now),
      let line = segment.line(finding: destination, of: channel)
    else { return status }
    status.limit = TokenBucket(interval: line[.interval].value).limitPerSecond
    status.lastSecond = RecentCount(line[.second].value)
      .estimate(at: now, length: SharedBuckets.second)
    status.lastMinute = RecentCount(line[.minute].value)
      .estimate(at: now, length: SharedBuckets.minute)
    status.waits = line[.waits].value
    let held = line[.held].value
    if held > now, held <= now + SharedBuckets.longestHold { status.heldUntil = wall(held, now) }
    switch CircuitBreaker.standard.state(word: line[.breaker].value, now: now / 1_000_000) {
    case .closed: status.breaker = .closed
    case .halfOpen: status.breaker = .halfOpen
    case .open(let until): status.breaker = .open(until: wall(until * 1_000_000, now))
    }
    return status
  }

  /// The counter's value over all processes since the segment was made: at boot, or when it was last
  /// deleted. 0 for a channel that is not counted apart.
  package func counter(
    _ event: CountedEvent, _ queue: Queue, of channel: ChannelName
  ) -> UInt64 {
    guard let segment = segment.get(now: clocks.boot),
      let place = segment.place(finding: channel)
    else { return 0 }
    return segment.counter(event, queue, at: place).value
  }

  /// What was counted in each step of the last hour or day, oldest first; the last one is under way.
  package func history(_ span: HistorySpan, of channel: ChannelName) -> [HistoryPoint] {
    let now = clocks.boot
    let segment = segment.get(now: now)
    let place = segment?.place(finding: channel)
    let last = now / 1_000_000 / span.step
    let booted = wall(Int64(0), now)
    return (0..<UInt64(span.steps)).reversed().map { back in
      let number = Int64(last) - Int64(back)
      var point = HistoryPoint(start: booted + number * Int64(span.step))
      guard number >= 0, let segment, let place else { return point }
      func count(_ event: HistoryEvent) -> UInt64 {
        let slot = HistorySlot(span, event, number: UInt64(number))
        return slot.count(in: segment.history(slot, at: place).value)
      }
      point.accepted = count(.accepted)
      point.delivered = count(.delivered)
      point.failed = count(.failed)
      return point
    }
  }

  /// Milliseconds since a relay was last seen alive; `nil` if none ever was.
  package var relayAge: Int64? {
    let now = clocks.boot
    guard let beat = segment.get(now: now)?.header(.relayBeat).value, beat > 0, beat <= now
    else { return nil }
    return Int64((now - beat) / 1_000_000)
  }

  /// The channels that are counted apart.
  package var channels: [ChannelName] {
    guard let segment = segment.get(now: clocks.boot) else { return [] }
    return (0..<SegmentLayout.places).compactMap(segment.channel)
  }

  /// All counters but zeros.
  package func counters() -> [ChannelCounters] {
    guard let segment = segment.get(now: clocks.boot) else { return [] }
    return (0..<SegmentLayout.places).compactMap { place in
      let channel = segment.channel(at: place)
      guard place == SegmentLayout.otherPlace || channel != nil else { return nil }
      var values: [ChannelCounters.Value] = []
      for queue in Queue.allCases {
        for event in CountedEvent.allCases {
          let count = segment.counter(event, queue, at: place).value
          if count > 0 { values.append(.init(event: event, queue: queue, count: count)) }
        }
      }
      return ChannelCounters(channel: channel, values: values)
    }
  }

  package func histogram(_ duration: TimedDuration) -> Histogram {
    let source = duration.isOfMedia ? media : segment
    guard let segment = source.get(now: clocks.boot) else { return Histogram() }
    return Histogram(
      buckets: (0..<LatencyScale.buckets).map { segment.histogram(duration, bucket: $0).value },
      microseconds: segment.histogram(duration, bucket: LatencyScale.buckets).value)
  }

  private func wall(_ boot: UInt64, _ now: UInt64) -> Int64 {
    wall(Int64(boot / 1_000_000), now)
  }

  /// - Parameter boot: Milliseconds.
  private func wall(_ boot: Int64, _ now: UInt64) -> Int64 {
    clocks.wall - Int64(now / 1_000_000) + boot
  }
}

/// What was counted of a channel.
package struct ChannelCounters: Equatable, Sendable {
  package struct Value: Equatable, Sendable {
    package let event: CountedEvent
    package let queue: Queue
    package let count: UInt64
  }

  /// `nil` for all channels together that are not counted apart.
  package let channel: ChannelName?
  package let values: [Value]
}

/// How often a duration fell into each bucket of the ``LatencyScale``.
package struct Histogram: Equatable, Sendable {
  package let buckets: [UInt64]
  /// All durations together.
  package let microseconds: UInt64

  package init(
    buckets: [UInt64] = Array(repeating: 0, count: LatencyScale.buckets), microseconds: UInt64 = 0
  ) {
    self.buckets = buckets
    self.microseconds = microseconds
  }

  package var count: UInt64 { buckets.reduce(0, +) }
}

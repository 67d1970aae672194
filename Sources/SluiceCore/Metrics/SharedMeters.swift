/// The meters of all processes: words of the shared segment.
package final class SharedMeters: Meters {
  private let segment: CurrentSegment
  private let clocks: any Clocks
  private let isCounting: Bool

  /// - Parameter isCounting: Otherwise only ``beat()`` leaves a trace.
  package init(_ segment: CurrentSegment, clocks: any Clocks, isCounting: Bool = true) {
    self.segment = segment
    self.clocks = clocks
    self.isCounting = isCounting
  }

  package func count(
    _ event: CountedEvent, _ queue: Queue, of channel: ChannelName, times: Int
  ) {
    let now = clocks.boot
    guard isCounting, times > 0, let segment = segment.get(now: now), segment.kind == .main
    else { return }
    let place = segment.place(of: channel)
    segment.counter(event, queue, at: place).add(UInt64(times))
    guard queue.isMessage, let event = HistoryEvent(event) else { return }
    for span in HistorySpan.allCases {
      let slot = HistorySlot(span, event, boot: now / 1_000_000)
      segment.history(slot, at: place).update { slot.adding(UInt64(times), to: $0) }
    }
  }

  package func record(_ duration: TimedDuration, nanoseconds: UInt64) {
    guard isCounting, let segment = segment.get(now: clocks.boot) else { return }
    let microseconds = nanoseconds / 1_000
    segment.histogram(duration, bucket: LatencyScale.bucket(microseconds: microseconds)).add(1)
    segment.histogram(duration, bucket: LatencyScale.buckets).add(microseconds)
  }

  package func beat() {
    let now = clocks.boot
    segment.get(now: now)?.header(.relayBeat).set(now)
  }
}

import Foundation
import SluiceCore
import SluiceTesting
import Testing

struct SharedStatusTests {
  private let directory = TemporaryDirectory()
  private let clocks = ManualClocks()
  private let channel = ChannelName("sms")!
  private var path: String { directory.path + "/segment" }

  private func segment() throws -> CurrentSegment {
    try CurrentSegment(path: path, stateDirectory: "/a", now: clocks.boot)
  }
  private var status: SharedStatus {
    SharedStatus(path: path, stateDirectory: "/a", clocks: clocks)
  }
  private func meters(isCounting: Bool = true) throws -> SharedMeters {
    SharedMeters(try segment(), clocks: clocks, isCounting: isCounting)
  }

  @Test("where there is no segment nothing has happened, and none is made")
  func looksOnly() {
    #expect(status.destination(.platform, of: channel) == DestinationStatus())
    #expect(status.counter(.accepted, .inbound, of: channel) == 0)
    #expect(status.history(.hour, of: channel).map(\.accepted) == Array(repeating: 0, count: 60))
    #expect(status.relayAge == nil)
    #expect(status.counters().isEmpty)
    #expect(status.histogram(.call(.platform)) == Histogram())
    #expect(access(path, F_OK) != 0)
  }

  @Test(
    "sluice-media's own segment is made with the directory of the copies, and read beside the other"
  )
  func readsMedia() throws {
    let state = directory.path
    let meters = SharedMeters(CurrentSegment(ofMediaIn: state), clocks: clocks)
    let status = SharedStatus(path: path, stateDirectory: state, clocks: clocks)
    meters.record(.fetch(.copied), nanoseconds: 1_000)
    #expect(access(state + "/media", F_OK) != 0)
    mkdir(state + "/media", 0o700)
    meters.record(.fetch(.copied), nanoseconds: 3_000)
    meters.record(.fetch(.failed), nanoseconds: 5_000)
    meters.record(.request(.media), nanoseconds: 7_000)
    meters.count(.accepted, .inbound, of: channel)
    #expect(status.histogram(.fetch(.copied)).microseconds == 3)
    #expect(status.histogram(.fetch(.failed)).microseconds == 5)
    #expect(status.histogram(.request(.media)).microseconds == 7)
    #expect(status.counters().isEmpty && access(path, F_OK) != 0)
    var file = stat()
    #expect(stat(SharedSegment.mediaPath(for: state), &file) == 0)
    #expect(file.st_mode & 0o777 == 0o600 && file.st_size < 32_768)
    #expect(file.st_blocks * 512 >= file.st_size, "a full disk must not kill who writes here")
  }

  @Test("each duration is kept apart")
  func separates() throws {
    mkdir(directory.path + "/media", 0o700)
    let state = directory.path
    let main = SharedMeters(
      try CurrentSegment(path: path, stateDirectory: state, now: clocks.boot), clocks: clocks)
    let media = SharedMeters(CurrentSegment(ofMediaIn: state), clocks: clocks)
    for (index, duration) in TimedDuration.allCases.enumerated() {
      for meters in [main, media] {
        meters.record(duration, nanoseconds: UInt64(index + 1) * 1_000)
      }
    }
    let status = SharedStatus(path: path, stateDirectory: state, clocks: clocks)
    let found = TimedDuration.allCases.map { status.histogram($0).microseconds }
    #expect(found == (1...UInt64(found.count)).map { $0 })
  }

  @Test("looking leaves no trace")
  func changesNothing() throws {
    try meters().count(.accepted, .inbound, of: channel)
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let status = status
    let other = try #require(ChannelName("other"))
    for destination in Destination.allCases {
      #expect(status.destination(destination, of: other) == DestinationStatus())
    }
    _ = status.history(.day, of: other)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  @Test("counters add up over processes, apart by channel, queue and event")
  func counts() throws {
    for meters in [try meters(), try meters()] {
      meters.count(.accepted, .inbound, of: channel)
      meters.count(.accepted, .inbound, of: channel, times: 2)
      meters.count(.accepted, .outbound, of: channel, times: 0)
      meters.count(.duplicates, .status, of: channel)
    }
    try meters(isCounting: false).count(.accepted, .inbound, of: channel)
    let status = status
    #expect(status.counter(.accepted, .inbound, of: channel) == 6)
    #expect(status.counter(.accepted, .outbound, of: channel) == 0)
    #expect(status.counter(.duplicates, .status, of: channel) == 2)
    #expect(status.counter(.accepted, .inbound, of: ChannelName("else")!) == 0)
    #expect(status.counters().compactMap(\.channel) == [channel])
  }

  @Test("a deleted segment counts from zero")
  func survivesDeletion() throws {
    let (meters, status) = (try meters(), status)
    meters.count(.accepted, .inbound, of: channel)
    #expect(status.counter(.accepted, .inbound, of: channel) == 1)
    unlink(path)
    #expect(status.counter(.accepted, .inbound, of: channel) == 0)
    meters.count(.accepted, .inbound, of: channel, times: 5)
    #expect(status.counter(.accepted, .inbound, of: channel) == 5)
  }

  @Test("thousands of channels are counted apart, and what no longer fits together")
  func isBounded() throws {
    let meters = try meters()
    for number in 0..<10_000 {
      meters.count(.accepted, .inbound, of: try #require(ChannelName("channel-\(number)")))
    }
    let counters = status.counters()
    let apart = counters.filter { $0.channel != nil }
    #expect((4_000...4_095).contains(apart.count))
    #expect(Set(apart.map(\.channel)).count == apart.count)
    #expect(apart.allSatisfy { $0.values.map(\.count) == [1] })
    #expect(
      counters.first { $0.channel == nil }?.values.first?.count == UInt64(10_000 - apart.count))
  }

  @Test("history: by minute and by quarter of an hour, and what is older is gone")
  func history() throws {
    let meters = try meters()
    func minutes(_ number: Int64) { clocks.advance(milliseconds: number * 60_000) }
    meters.count(.accepted, .inbound, of: channel, times: 7)
    minutes(1)
    meters.count(.accepted, .outbound, of: channel)
    meters.count(.delivered, .outbound, of: channel)
    meters.count(.rejected, .inbound, of: channel)
    meters.count(.accepted, .status, of: channel)  // No message.
    meters.count(.deferred, .inbound, of: channel)
    let hour = status.history(.hour, of: channel)
    #expect(hour.count == 60)
    #expect(hour.suffix(2).map(\.accepted) == [7, 1])
    let last = try #require(hour.last)
    #expect([last.delivered, last.failed] == [1, 1])
    #expect(last.start <= clocks.wall && clocks.wall < last.start + 60_000)
    #expect(status.history(.day, of: channel).map(\.accepted).reduce(0, +) == 8)
    minutes(59)
    #expect(status.history(.hour, of: channel).map(\.accepted).reduce(0, +) == 1)
    meters.count(.accepted, .inbound, of: channel)  // In the words that the first minute had.
    #expect(status.history(.hour, of: channel).last?.accepted == 1)
    minutes(24 * 60)
    #expect(status.history(.day, of: channel).map(\.accepted).reduce(0, +) == 0)
  }

  @Test("how much of its limit a destination uses, holds, breaker and waits")
  func destination() throws {
    let buckets = SharedBuckets(try segment())
    clocks.advance(milliseconds: 60_000 - Int64(clocks.boot / 1_000_000 % 60_000))
    let bucket = TokenBucket(limitPerSecond: 20)
    func reserve() -> Reservation {
      buckets.reserve(.platform, of: channel, bucket: bucket, now: clocks.boot, horizon: 0)
    }
    for _ in 0..<10 {
      guard case .slot = reserve() else { break }
      #expect(reserve() != .slot(clocks.boot))
      clocks.advance(milliseconds: 100)
    }
    var found = status.destination(.platform, of: channel)
    #expect(abs(try #require(found.limit) - 20) < 0.001)
    #expect([found.lastSecond, found.lastMinute] == [10, 10])
    #expect(abs(try #require(found.used) - 0.5) < 0.001)
    #expect(found.waits == 10)
    #expect(found.breaker == .closed && found.heldUntil == nil)

    buckets.hold(.platform, of: channel, until: clocks.boot + 5_000_000_000, now: clocks.boot)
    for _ in 0..<5 {
      buckets.note(success: false, isProbe: false, .platform, of: channel, now: clocks.boot)
    }
    found = status.destination(.platform, of: channel)
    #expect(found.heldUntil == clocks.wall + 5_000)
    #expect(found.breaker == .open(until: clocks.wall + 5_000))
    clocks.advance(milliseconds: 5_000)
    found = status.destination(.platform, of: channel)
    #expect(found.heldUntil == nil && found.breaker == .halfOpen)
    #expect(status.destination(.provider, of: channel) == DestinationStatus())
  }

  @Test("durations fall into buckets, and add up")
  func histograms() throws {
    let meters = try meters()
    for milliseconds in [1, 1, 250] as [UInt64] {
      meters.record(.request(.inbound), nanoseconds: milliseconds * 1_000_000)
    }
    let found = status.histogram(.request(.inbound))
    #expect(found.count == 3)
    #expect(found.microseconds == 252_000)
    #expect(found.buckets[8] == 2)
    #expect(TimedDuration.allCases.map { status.histogram($0).count }.reduce(0, +) == 3)
  }

  @Test("a relay's heartbeat, counted or not")
  func heartbeat() throws {
    try meters(isCounting: false).beat()
    clocks.advance(milliseconds: 1_500)
    #expect(status.relayAge == 1_500)
  }
}

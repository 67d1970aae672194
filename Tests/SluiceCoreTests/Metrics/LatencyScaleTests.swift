import Testing

@testable import SluiceCore

struct LatencyScaleTests {
  @Test(
    "a duration falls into the first bucket whose bound it does not exceed",
    arguments: [
      (0, 0), (1, 0), (64, 0), (65, 1), (96, 1), (97, 2), (128, 2), (129, 3), (192, 3), (1_000, 8),
      (1_000_000, 28), (3_600_000_000, 52), (1 << 32, 52), (1 << 32 + 1, 53), (UInt64.max, 53),
    ] as [(UInt64, Int)])
  func buckets(microseconds: UInt64, bucket: Int) {
    #expect(LatencyScale.bucket(microseconds: microseconds) == bucket)
  }

  @Test("every bound is its bucket's, and a microsecond more is the next one's")
  func bounds() {
    #expect(LatencyScale.bounds.count == LatencyScale.buckets - 1)
    for (index, bound) in LatencyScale.bounds.enumerated() {
      #expect(LatencyScale.bucket(microseconds: bound) == index)
      #expect(LatencyScale.bucket(microseconds: bound + 1) == index + 1)
    }
  }
}

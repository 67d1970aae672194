import SluiceCore
import Testing

struct DeliveryStatusTests {
  /// From each status, those it may become.
  static let moves: [(DeliveryStatus, next: Set<DeliveryStatus>)] = [
    (.queued, [.sent, .delivered, .read, .failed]),
    (.sent, [.delivered, .read, .failed]),
    (.delivered, [.read]),
    (.read, []),
    // A delivery reported after all is the truth.
    (.failed, [.delivered, .read]),
  ]
  @Test(arguments: moves)
  func onlyMovesForward(status: DeliveryStatus, next: Set<DeliveryStatus>) {
    #expect(Set(DeliveryStatus.allCases.filter(status.canBecome)) == next)
  }

  /// Whatever is reported, in whatever order: what the phone showed is never taken back.
  @Test func anyOrderOfReportsEndsInTheSameTruth() {
    for reports in permutations([DeliveryStatus.sent, .failed, .delivered, .read]) {
      let final = reports.reduce(DeliveryStatus.queued) { $0.canBecome($1) ? $1 : $0 }
      #expect(final == .read)
    }
  }

  static let folds: [(parts: [DeliveryStatus], status: DeliveryStatus)] = [
    ([.delivered], .delivered), ([.delivered, .sent], .sent), ([.read, .read], .read),
    ([.read, .delivered, .queued], .queued), ([.delivered, .failed, .queued], .failed),
  ]
  @Test(arguments: folds)
  func aMessageIsAsFarAsItsLastPart(parts: [DeliveryStatus], status: DeliveryStatus) {
    #expect(DeliveryStatus.fold(parts) == status)
    #expect(DeliveryStatus.fold(parts.reversed()) == status)
  }

  @Test func rawValuesAreStoredAndNamesAreThePlatforms() {
    #expect(DeliveryStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
    let names = ["queued", "sent", "delivered", "read", "failed"]
    #expect(DeliveryStatus.allCases.map(\.description) == names)
    #expect(names.map { DeliveryStatus($0) } == DeliveryStatus.allCases)
    #expect(DeliveryStatus("Sent") == nil)
  }

  private func permutations<Value>(_ values: [Value]) -> [[Value]] {
    guard values.count > 1 else { return [values] }
    return values.indices.flatMap { index in
      var rest = values
      let value = rest.remove(at: index)
      return permutations(rest).map { [value] + $0 }
    }
  }
}

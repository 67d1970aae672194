import Testing

@testable import SluiceSandbox

struct RingLogTests {
  @Test func forgetsTheOldest() {
    var log = RingLog<Int>(capacity: 3)
    #expect(log.entries().isEmpty)
    for number in 0..<5 {
      let old = log.append(number)
      #expect(old == (number < 3 ? nil : number - 3))
    }
    #expect(log.start == 2 && log.end == 5)
    #expect(log.entries() == [2, 3, 4])
    #expect(log.entries(since: 3, limit: 1) == [3])
    #expect(log.entries(since: 9).isEmpty)
    #expect(!log.contains(1) && log.contains(4) && !log.contains(5))
  }

  @Test func tableForgetsItsOldestKey() {
    var table = BoundedTable<Int>(capacity: 2)
    table.set("a", 1)
    table.set("b", 2)
    table.set("a", 3)
    table.set("c", 4)
    #expect(table["a"] == nil && table["b"] == 2 && table["c"] == 4)
    #expect(table.count == 2)
  }
}

struct CallbackQueueTests {
  @Test func givesBackByDueTimeAndOrder() {
    var queue = CallbackQueue()
    var random = LinearRandom(state: 7)
    let dues = (0..<500).map { _ in UInt64.random(in: 0...50, using: &random) }
    for (order, due) in dues.enumerated() {
      queue.push(
        Callback(
          channel: order, contact: "", purpose: .inbound(item: nil), call: .init(url: ""), due: due,
          epoch: 0))
    }
    var last: (UInt64, Int) = (0, -1)
    while let callback = queue.pop(now: 50) {
      #expect(last < (callback.due, callback.channel))
      last = (callback.due, callback.channel)
    }
    #expect(queue.count == 0)
  }
}

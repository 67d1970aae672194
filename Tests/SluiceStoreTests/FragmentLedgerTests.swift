import SluiceCore
import Testing

/// What a ledger promises of texts that arrive in pieces: whole where all come in time, marked where
/// not, never lost, never twice, and in their place.
@Suite(.onEveryLedger)
struct FragmentLedgerTests {
  private let bench: LedgerBench
  private let start: Int64

  init() throws {
    bench = try LedgerBench()
    start = bench.start
  }

  /// What goes to the platform at that time; taken by it, one after the other.
  private func posted(after milliseconds: Int64 = 0) throws -> [String] {
    var texts: [String] = []
    while let lease = try bench.lease(.inbound, at: start + milliseconds, count: 1).first {
      texts.append(LedgerBench.text(lease))
      try bench.acknowledge(lease, at: start + milliseconds)
    }
    return texts
  }

  @Test("pieces in any order become one message, as soon as all are there")
  func joins() throws {
    #expect(try bench.receive("c", piece: 3, of: 3) == WebhookReceipt(accepted: 1))
    #expect(try bench.receive("a", piece: 1, of: 3, at: start + 10) == WebhookReceipt(accepted: 1))
    #expect(try posted(after: 20) == [])
    #expect(try bench.queued(.inbound) == 1)
    #expect(try bench.receive("b", piece: 2, of: 3, at: start + 30) == WebhookReceipt(accepted: 1))
    #expect(try posted(after: 30) == ["abc"])
    #expect(try bench.queued(.inbound) == 0)
  }

  @Test("a repeated piece is dropped, before the text has left and after")
  func repeats() throws {
    try bench.receive("a", piece: 1, of: 2)
    try bench.receive("b", piece: 2, of: 2)
    for number in [1, 2] {
      #expect(try bench.receive("a", piece: number, of: 2) == WebhookReceipt(duplicates: 1))
    }
    #expect(try posted() == ["ab"])
    for number in [1, 2] {
      #expect(
        try bench.receive("a", piece: number, of: 2, at: start + 90_000)
          == WebhookReceipt(duplicates: 1))
    }
    #expect(try posted(after: 200_000) == [])
  }

  @Test("what is there when the wait is over leaves, and says what is missing")
  func flushes() throws {
    try bench.receive("c", piece: 3, of: 3)
    try bench.receive("a", piece: 1, of: 3, at: start + 30_000)
    #expect(try posted(after: 59_999) == [])
    #expect(try posted(after: 60_000) == ["a[part 2 of 3 is missing]c"])
  }

  @Test("a piece that comes after that is a message of its own")
  func late() throws {
    try bench.receive("a", piece: 1, of: 2)
    #expect(try posted(after: 60_000) == ["a[part 2 of 2 is missing]"])
    #expect(
      try bench.receive("b", piece: 2, of: 2, at: start + 70_000) == WebhookReceipt(accepted: 1))
    #expect(try posted(after: 130_000) == ["[part 1 of 2 is missing]b"])
  }

  @Test("a text that was posted once changes no more")
  func posting() throws {
    try bench.receive("a", piece: 1, of: 2)
    let lease = try #require(try bench.lease(.inbound, at: start + 60_000).first)
    // By a clock that was set back, in time.
    try bench.receive("b", piece: 2, of: 2, at: start + 50_000)
    try bench.settle(lease, .retry(at: start + 61_000), at: start + 60_500)
    try bench.receive("c", piece: 2, of: 2, id: "other", at: start + 50_000)
    #expect(
      try posted(after: 200_000)
        == ["a[part 2 of 2 is missing]", "[part 1 of 2 is missing]b", "[part 1 of 2 is missing]c"])
  }

  @Test("it keeps its place: what its contact wrote after it waits, what others wrote does not")
  func order() throws {
    let other = try bench.contact(2)
    try bench.receive("before")
    try bench.receive("a", piece: 1, of: 2, at: start + 1)
    try bench.receive("behind", at: start + 2)
    try bench.receive("other", from: other, at: start + 3)
    #expect(try posted(after: 10) == ["before", "other"])
    try bench.receive("b", piece: 2, of: 2, at: start + 20)
    #expect(try posted(after: 20) == ["ab", "behind"])
  }

  @Test("its turn may come before it is whole, or after")
  func turns() throws {
    try bench.receive("before")
    let lease = try #require(try bench.lease(.inbound).first)
    try bench.receive("a", piece: 1, of: 2)
    try bench.receive("b", piece: 2, of: 2)
    #expect(try bench.lease(.inbound).isEmpty)
    try bench.acknowledge(lease)
    #expect(try posted() == ["ab"])
  }

  @Test("texts are told apart by contact, reference and length, and by what is there already")
  func tellsApart() throws {
    let other = try bench.contact(2)
    try bench.receive("a", piece: 1, of: 2)
    try bench.receive("x", piece: 1, of: 2, id: "x", from: other)
    try bench.receive("p", piece: 1, of: 2, reference: "8")
    try bench.receive("m", piece: 1, of: 3)
    // The reference used again, by somebody who is quick: the older text is completed first.
    try bench.receive("A", piece: 1, of: 2, id: "A")
    for (piece, id) in [("b", "b"), ("B", "B")] {
      try bench.receive(piece, piece: 2, of: 2, id: id)
    }
    try bench.receive("y", piece: 2, of: 2, id: "y", from: other)
    #expect(
      try posted(after: 60_000).sorted()
        == ["AB", "ab", "m[parts 2 to 3 of 3 are missing]", "p[part 2 of 2 is missing]", "xy"])
  }

  @Test("an echo that passes, and a send that ends, hurry no text that waits")
  func isNotHurried() throws {
    let send = try bench.send("one")
    try bench.receive("a", piece: 1, of: 2)
    try bench.acknowledge(send, "e1", at: start + 50)
    #expect(try posted(after: 100) == [])
  }

  @Test("a text that waits does not go along in the call of the one before it")
  func isNotPacked() throws {
    try bench.receive("before")
    try bench.receive("a", piece: 1, of: 2)
    let lease = try #require(try bench.lease(.inbound, perCall: 10).first)
    #expect(lease.followers.isEmpty)
  }

  @Test("where nothing is joined, each piece leaves at once and says which it is")
  func off() throws {
    try bench.receive("b", piece: 2, of: 2, joinWindow: 0)
    try bench.receive("a", piece: 1, of: 2, joinWindow: 0)
    #expect(try posted() == ["(2/2) b", "(1/2) a"])
  }

  @Test("retention takes the pieces along with their message")
  func retention() throws {
    try bench.receive("a", piece: 1, of: 2)
    try bench.receive("b", piece: 2, of: 2)
    #expect(try posted() == ["ab"])
    _ = try bench.ledger.prune(before: start + 1, parkedBefore: 0, limit: 100)
    #expect(try bench.receive("b", piece: 2, of: 2) == WebhookReceipt(accepted: 1))
  }
}

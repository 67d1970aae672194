import SluiceCore
import Testing

struct LaneTests {
  /// Stored in ledgers: a change of these values would split every lane in two. By
  /// `printf 'sms-uk 0 +60177872890' | sha256sum`, the first eight bytes.
  static let rows: [(channel: String, queue: Queue, contact: String, id: Int64)] = [
    ("sms-uk", .outbound, "+60177872890", 1_707_305_034_768_573_602),
    ("sms-uk", .inbound, "+60177872890", -5_995_394_958_717_714_883),
    ("sms-uk", .status, "+60177872890", -3_736_661_193_266_241_546),
    ("a", .outbound, "b", -7_100_022_281_432_133_904),
  ]
  @Test(arguments: rows)
  func isStable(channel: String, queue: Queue, contact: String, id: Int64) throws {
    let name = try #require(ChannelName(channel))
    #expect(Lane(channel: name, queue: queue, contact: try ContactID(contact)).id == id)
  }

  @Test func storedNumbersStayWhatTheyAre() {
    #expect(Queue.allCases.map(\.rawValue) == [0, 1, 2])
    #expect(Destination.allCases.map(\.rawValue) == [0, 1])
    #expect(Queue.allCases.map(\.destination) == [.provider, .platform, .platform])
    // Messages before statuses.
    #expect(Destination.platform.queues == [.inbound, .status])
  }
}

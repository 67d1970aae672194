import SluiceCore
import Testing

struct LaneTests {
  /// Stored in ledgers: a change of these values would split every lane in two. By
  /// `printf 'sms-uk +60177872890' | sha256sum`, the first eight bytes.
  static let contacts: [(channel: String, contact: String, key: Int64)] = [
    ("sms-uk", "+60177872890", 1_661_767_988_531_962_180),
    ("a", "b", -4_005_817_690_909_479_214),
  ]
  @Test(arguments: contacts)
  func contactKeyIsStable(channel: String, contact: String, key: Int64) throws {
    let name = try #require(ChannelName(channel))
    #expect(ContactKey(channel: name, contact: try ContactID(contact)).rawValue == key)
  }

  static let externalIDs: [(channel: String, externalID: String, key: Int64)] = [
    ("sms-uk", "SM1", -2_035_896_946_343_103_388),
    ("a", "b c", 1_053_670_802_409_073_607),
  ]
  @Test(arguments: externalIDs)
  func externalKeyIsStable(channel: String, externalID: String, key: Int64) throws {
    let name = try #require(ChannelName(channel))
    #expect(ExternalKey(channel: name, externalID: externalID).rawValue == key)
  }

  @Test func storedNumbersStayWhatTheyAre() {
    #expect(Queue.allCases.map(\.rawValue) == [0, 1, 2, 3])
    #expect(Destination.allCases.map(\.rawValue) == [0, 1, 2])
    #expect(Queue.allCases.map(\.destination) == [.provider, .platform, .platform, .provider])
    #expect(Route.allCases.map(\.rawValue) == [0, 1, 2, 3, 4])
    #expect(Queue.allCases.map(\.isMessage) == [true, true, false, false])
  }
}

import SluiceCore
import SluiceTesting
import Testing

@testable import SluiceServices

struct CheckupTests {
  // MARK: Host

  static let syncs: [(milliseconds: [Double], grade: Finding.Grade)] = [
    ([], .problem), ([1, 2, 3], .good), ([1, 2, 500], .good), ([40, 50, 60], .warning),
  ]

  @Test(arguments: syncs)
  func judgesSyncs(milliseconds: [Double], grade: Finding.Grade) {
    #expect(HostCheckup.syncs(milliseconds).grade == grade)
  }

  static let disks: [(free: Int, reserve: Int, ledger: Int, grade: Finding.Grade)] = [
    (100 << 30, 32 << 20, 1 << 20, .good), (1 << 20, 32 << 20, 0, .problem),
    (2 << 30, 32 << 20, 3 << 30, .warning), (100 << 30, 0, 0, .warning),
  ]

  @Test(arguments: disks)
  func judgesSpace(free: Int, reserve: Int, ledger: Int, grade: Finding.Grade) {
    #expect(HostCheckup.space(free: free, reserve: reserve, ledger: ledger).grade == grade)
  }

  private static let now: Int64 = 1_760_000_000_000
  static let clocks: [(label: String, now: Int64, others: [Int64], grade: Finding.Grade)] = [
    ("nobody asked", now, [], .good), ("1970", 0, [], .problem),
    ("a second off", now, [now + 1_000], .good), ("ten seconds off", now, [now - 10_000], .warning),
    ("an hour off", now, [now + 3_600_000], .problem),
    ("one of three is wrong", now, [now + 3_600_000, now, now - 100], .good),
  ]

  @Test(arguments: clocks)
  func judgesClocks(label: String, now: Int64, others: [Int64], grade: Finding.Grade) {
    #expect(HostCheckup.clock(now: now, others: others).grade == grade)
  }

  @Test func judgesPrograms() throws {
    let directory = TemporaryDirectory()
    let settings = try SettingsText().load(in: directory)
    func process(_ name: String, _ descriptors: Int?) -> HostCheckup.Process {
      HostCheckup.Process(name: name, id: 7, descriptors: descriptors, threads: 100)
    }
    func grades(_ processes: [HostCheckup.Process]) -> [Finding.Grade] {
      HostCheckup.programs(processes, settings: settings).map(\.grade)
    }
    #expect(grades([]) == [.problem, .warning])
    #expect(grades([process("sluice-outbound", 1_024)]) == [.problem], "no relay")
    #expect(grades([process("sluice-relay", 1_024), process("sluice-status", nil)]) == [.good])
    #expect(grades([process("sluice-relay", 300)]) == [.good, .problem])
    #expect(
      grades([process("sluice-relay", 1_024), process("sluice-status", 300)]) == [.good, .problem])
  }

  // MARK: Sockets

  private static let nginx = FileRights.User(name: "www-data", id: 33, groups: [33])
  private static let open = FileRights(owner: 0, group: 0, mode: 0o755)
  private static let closed = FileRights(owner: 5, group: 33, mode: 0o710)
  static let sockets:
    [(
      label: String, mode: UInt32?, group: UInt32, directory: FileRights, served: Bool?,
      part: String
    )] = [
      ("as it should be", 0o660, 33, closed, true, "can reach"),
      ("nothing there", nil, 33, open, nil, "does not exist"),
      ("another group", 0o660, 34, open, true, "may not write"),
      ("group may not", 0o640, 33, open, true, "may not write"),
      (
        "a closed directory", 0o660, 33, FileRights(owner: 5, group: 34, mode: 0o710), true,
        "enter /run"
      ),
      ("nobody listens", 0o660, 33, open, false, "Nobody listens"),
      ("open to all", 0o666, 33, open, true, "Every user"),
      ("open in a closed directory", 0o666, 33, closed, true, "can reach"),
    ]

  @Test(arguments: sockets)
  func judgesSockets(
    label: String, mode: UInt32?, group: UInt32, directory: FileRights, served: Bool?, part: String
  ) {
    let finding = SocketCheckup.finding(
      SocketCheckup.Socket(
        path: "/run/a.sock", rights: mode.map { FileRights(owner: 5, group: group, mode: $0) },
        directories: [("/run", directory)], isServed: served), nginx: Self.nginx)
    #expect(finding.message.contains(part), "\(finding)")
    #expect((finding.grade == .good) == (finding.remedy == nil))
  }

  // MARK: Network

  static let urls: [(url: String, origin: String?)] = [
    ("https://a.example/b?c", "https://a.example"),
    ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080"),
    ("https://user:secret@a.example/", nil), ("a.example", nil), ("https:///x", nil),
  ]

  @Test(arguments: urls)
  func findsOrigins(url: String, origin: String?) { #expect(Origins.origin(of: url) == origin) }

  static let dates: [(text: String, milliseconds: Int64?)] = [
    ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777_000), ("Sun, 06 Nov 1994 08:49:37 CET", nil),
    ("Sunday, 06-Nov-94 08:49:37 GMT", nil), ("", nil), ("Sun, 6 Nov 1994 08:49:37 GMT", nil),
  ]

  @Test(arguments: dates)
  func readsDates(text: String, milliseconds: Int64?) {
    #expect(HTTPDate.milliseconds(text) == milliseconds)
  }
}

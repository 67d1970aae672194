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

  static let fileSystems: [(type: String?, grade: Finding.Grade?)] = [
    (nil, nil), ("ext4", nil), ("btrfs", nil), ("overlay", nil), ("fuseblk", nil),
    ("tmpfs", .warning), ("nfs4", .problem), ("nfs", .problem), ("cifs", .problem),
    ("fuse.sshfs", .problem), ("fuse", .problem), ("9p", .problem),
  ]

  @Test(arguments: fileSystems)
  func judgesFileSystems(type: String?, grade: Finding.Grade?) {
    let finding = HostCheckup.fileSystem(type, of: "/var/lib/sluice")
    #expect(finding?.grade == grade)
    #expect((finding == nil) == (finding?.remedy == nil))
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

  @Test("what is not needed is missed with a warning")
  func missesWhatIsNotNeeded() {
    let socket = SocketCheckup.Socket(
      path: "/run/console.sock", rights: nil, directories: [], isServed: nil)
    #expect(
      SocketCheckup.finding(socket, nginx: Self.nginx, isNeeded: false).grade == .warning)
  }

  // MARK: Media

  static let media:
    [(
      label: String, rights: FileRights?, directory: FileRights, nginx: UInt32,
      grade: Finding.Grade, part: String
    )] = [
      ("as it should be", shared, closed, 33, .good, "can read"),
      ("not there yet", nil, closed, 33, .warning, "not there yet"),
      (
        "a closed directory above", shared, FileRights(owner: 5, group: 5, mode: 0o700), 33,
        .problem, "may not enter /state"
      ),
      (
        "another group", FileRights(owner: 5, group: 5, mode: 0o2750), open, 33, .problem,
        "may not enter /state/media"
      ),
      (
        "files do not inherit", FileRights(owner: 5, group: 33, mode: 0o750), open, 33, .problem,
        "cannot read what is made"
      ),
      ("its own", FileRights(owner: 33, group: 5, mode: 0o750), open, 33, .good, "can read"),
      ("root's", FileRights(owner: 5, group: 5, mode: 0o700), open, 0, .good, "can read"),
    ]
  private static let shared = FileRights(owner: 5, group: 33, mode: 0o2750)

  @Test(arguments: media)
  func judgesMedia(
    label: String, rights: FileRights?, directory: FileRights, nginx: UInt32,
    grade: Finding.Grade, part: String
  ) {
    let finding = MediaCheckup.finding(
      MediaCheckup.Place(
        path: "/state/media", rights: rights, directories: [("/state", directory)]),
      nginx: FileRights.User(name: "www-data", id: nginx, groups: [nginx]))
    #expect(finding.grade == grade && finding.message.contains(part), "\(finding)")
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

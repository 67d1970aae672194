import Glibc
import SluiceCore
import SluiceServices

/// nginx's configuration, and the sockets that it names.
struct NginxProbe {
  private let configuration: NginxConfiguration

  /// - Parameter path: `-` is standard input: its descriptor itself, since a pipe that root made cannot
  ///   be opened anew by its path.
  init(path: String) throws(FileError) {
    let bytes =
      path == "-"
      ? try File.read(descriptor: 0, atMost: Self.limit)
      : try File.read(path, atMost: Self.limit)
    let text = String(decoding: bytes, as: UTF8.self)
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    configuration = NginxConfiguration(text) { pattern in
      Self.files(pattern.hasPrefix("/") ? pattern : "\(directory)/\(pattern)").compactMap {
        (try? File.read($0, atMost: Self.limit)).map { String(decoding: $0, as: UTF8.self) }
      }
    }
  }

  func findings(_ settings: Settings, _ channels: [ChannelSettings]) -> [Finding] {
    let checkup = NginxCheckup(configuration, settings: settings, channels: channels)
    guard let user = Self.user(checkup.user ?? "www-data") else {
      return checkup.findings + [
        .problem(
          "nginx", "Its user \(checkup.user ?? "www-data") is not known on this host.",
          remedy: "Name one that is: user www-data;")
      ]
    }
    var findings = checkup.findings
    findings += checkup.sockets.map {
      SocketCheckup.finding(Self.socket($0.path), nginx: user, isNeeded: $0.isNeeded)
    }
    if settings.server.publicURL != nil {
      let path = MediaCheckup.directory(settings)
      let place = MediaCheckup.Place(
        path: path, rights: FileStatus(path)?.rights, directories: Self.directories(above: path))
      findings.append(MediaCheckup.finding(place, nginx: user))
    }
    return findings
  }

  private static func files(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
  }

  private static func user(_ name: String) -> FileRights.User? {
    guard let entry = getpwnam(name) else { return nil }
    let (id, group) = (entry.pointee.pw_uid, entry.pointee.pw_gid)
    var count: Int32 = 64
    var groups = [gid_t](repeating: 0, count: Int(count))
    guard getgrouplist(name, group, &groups, &count) >= 0 else { return nil }
    return FileRights.User(name: name, id: id, groups: Array(groups.prefix(Int(count))))
  }

  private static func socket(_ path: String) -> SocketCheckup.Socket {
    SocketCheckup.Socket(
      path: path, rights: FileStatus(path)?.rights, directories: directories(above: path),
      isServed: isServed(path))
  }

  /// From the root on.
  private static func directories(above path: String) -> [(path: String, rights: FileRights)] {
    var directories: [(path: String, rights: FileRights)] = []
    var directory = ""
    for name in path.split(separator: "/").dropLast() {
      directory += "/\(name)"
      if let status = FileStatus(directory) { directories.append((directory, status.rights)) }
    }
    return directories
  }

  private static func isServed(_ path: String) -> Bool? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = Glibc.socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return code == 0 ? true : errno == ECONNREFUSED ? false : nil
  }

  /// Bytes.
  private static let limit = 16 << 20
}

import Glibc
import SluiceCore
import SluiceServices

/// Sluice's programs among this user's processes, from `/proc`.
enum ProcessProbe {
  static func findings(_ settings: Settings) -> [Finding] {
    HostCheckup.programs(processes(), settings: settings)
  }

  private static func processes() -> [HostCheckup.Process] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var processes: [HostCheckup.Process] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let id = Int32(name), let process = process(id) { processes.append(process) }
    }
    return processes
  }

  private static func process(_ id: Int32) -> HostCheckup.Process? {
    let path = "/proc/\(id)"
    guard FileStatus(path)?.rights.owner == geteuid(),
      let line = try? File.read("\(path)/cmdline", atMost: 65_536)
    else { return nil }
    let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    guard let program = words.first?.split(separator: "/").last, program.hasPrefix("sluice-")
    else { return nil }
    return HostCheckup.Process(
      name: String(program), id: id, descriptors: descriptors(path),
      threads: words.firstIndex(of: "--threads").flatMap {
        $0 + 1 < words.count ? Int(words[$0 + 1]) : nil
      })
  }

  private static func descriptors(_ path: String) -> Int? {
    let text = (try? File.read("\(path)/limits", atMost: 65_536)) ?? []
    let line = text.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
      .first { $0.hasPrefix("Max open files") }
    // The soft limit comes first.
    return line?.split(separator: " ").dropFirst(3).first.flatMap { Int($0) }
  }
}

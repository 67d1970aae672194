import Glibc
import SluiceCore
import SluiceServices

/// Sluice's programs among this user's processes, from `/proc`.
enum ProcessProbe {
  static func findings(_ settings: Settings) -> [Finding] {
    let status = SharedStatus(settings.server, clocks: SystemClocks())
    return ProcessCheckup.findings(processes(), settings, SendTraffic(status))
  }

  private static func processes() -> [ProcessCheckup.Process] {
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    var processes: [ProcessCheckup.Process] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let id = Int32(name), let process = process(id) { processes.append(process) }
    }
    return processes
  }

  private static func process(_ id: Int32) -> ProcessCheckup.Process? {
    let path = "/proc/\(id)"
    guard FileStatus(path)?.rights.owner == geteuid(),
      let line = try? File.read("\(path)/cmdline", atMost: 65_536)
    else { return nil }
    let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    guard let program = words.first?.split(separator: "/").last, program.hasPrefix("sluice-")
    else { return nil }
    var process = ProcessCheckup.Process(name: String(program), id: id)
    process.descriptors = descriptors(path)
    process.threads = words.firstIndex(of: "--threads").flatMap {
      $0 + 1 < words.count ? Int(words[$0 + 1]) : nil
    }
    (process.group, process.tasks) = tasks(path)
    return process
  }

  private static func descriptors(_ path: String) -> Int? {
    let line = lines("\(path)/limits").first { $0.hasPrefix("Max open files") }
    // The soft limit comes first.
    return line?.split(separator: " ").dropFirst(3).first.flatMap { Int($0) }
  }

  /// The control group, and how many threads it may have: `0::/path` in version 2, `N:pids:/path`
  /// before.
  private static func tasks(_ path: String) -> (group: String, limit: Int?) {
    for line in lines("\(path)/cgroup") {
      let words = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard words.count == 3, words[1].isEmpty || words[1] == "pids" else { continue }
      let mount = words[1].isEmpty ? "/sys/fs/cgroup" : "/sys/fs/cgroup/pids"
      // "max" is no number.
      if let limit = lines("\(mount)\(words[2])/pids.max").first {
        return (String(words[2]), Int(limit))
      }
    }
    return ("", nil)
  }

  private static func lines(_ path: String) -> [String] {
    let text = (try? File.read(path, atMost: 65_536)) ?? []
    return text.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
  }
}

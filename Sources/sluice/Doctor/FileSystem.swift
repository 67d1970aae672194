import SluiceCore

/// What the kernel says of files.
enum FileSystem {
  /// The type of the file system that a path is on, from `/proc/self/mounts`.
  static func type(of path: String) -> String? {
    let text = String(
      decoding: (try? File.read("/proc/self/mounts", atMost: 4 << 20)) ?? [], as: UTF8.self)
    let path = File.canonicalPath(path)
    var best: (place: Substring, type: Substring)?
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 2 else { continue }
      let place = words[1] == "/" ? "" : words[1]
      // Of two at one place the later one hides the other.
      if path.hasPrefix("\(place)/"), place.utf8.count >= (best?.place.utf8.count ?? 0) {
        best = (place, words[2])
      }
    }
    return best.map { String($0.type) }
  }

  /// By this process until now, from files and otherwise.
  static var bytesRead: Int {
    let text = String(
      decoding: (try? File.read("/proc/self/io", atMost: 4_096)) ?? [], as: UTF8.self)
    return text.split(separator: "\n").first { $0.hasPrefix("rchar: ") }
      .flatMap { Int($0.dropFirst(7)) } ?? 0
  }
}

import Glibc

/// Lines for people and logs, apart from a command's output.
enum StandardError {
  static func print(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    // Descriptor 2 itself: the C global `stderr` is shared mutable state to Swift 6.
    _ = write(2, bytes, bytes.count)
  }
}

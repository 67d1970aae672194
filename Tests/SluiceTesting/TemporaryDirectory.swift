import Foundation

/// A directory for one test, removed with this value.
package final class TemporaryDirectory: Sendable {
  package let path: String

  /// - Parameter parent: A tmpfs, where a test would wait for the disk too often.
  package init(in parent: String = "/tmp") {
    var template = Array("\(parent)/sluice-test-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "mkdtemp: \(String(cString: strerror(errno)))")
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, and the directories on the way to it.
  /// - Returns: Its path.
  @discardableResult
  package func write(_ text: String, to name: String, mode: mode_t = 0o600) -> String {
    var directory = path
    for component in name.split(separator: "/").dropLast() {
      directory += "/\(component)"
      mkdir(directory, 0o700)
    }
    let file = "\(path)/\(name)"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(descriptor >= 0, "\(file): \(String(cString: strerror(errno)))")
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    precondition(Foundation.write(descriptor, bytes, bytes.count) == bytes.count)
    fchmod(descriptor, mode)
    return file
  }
}

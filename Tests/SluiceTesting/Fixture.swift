import SluiceCore

/// A recorded or documented payload; the README beside it names its source.
package enum Fixture {
  package static let directory = "\(#filePath.dropLast("Fixture.swift".count))Fixtures"

  /// - Parameter name: The path below `Fixtures`: `clicksend/inbound.form`.
  package static func bytes(_ name: String) -> [UInt8] {
    let path = "\(directory)/\(name)"
    do throws(FileError) {
      var bytes = try File.read(path, atMost: 1 << 20)
      // Editors end a file with a newline; what comes over the wire has none.
      if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      return bytes
    } catch {
      preconditionFailure("\(path): \(error)")
    }
  }

  package static func text(_ name: String) -> String {
    String(decoding: bytes(name), as: UTF8.self)
  }
}

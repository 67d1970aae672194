import SluiceCore

/// A recorded or documented payload; `Fixtures/README.md` names each one's source.
package enum Fixture {
  /// - Parameter name: The path below `Fixtures`: `clicksend/inbound.form`.
  package static func bytes(_ name: String) -> [UInt8] {
    let directory = #filePath.dropLast("Fixture.swift".count)
    let path = "\(directory)Fixtures/\(name)"
    do throws(FileError) {
      var bytes = try File.read(path, atMost: 1 << 20)
      // Editors end a file with a newline; what comes over the wire has none.
      if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
      return bytes
    } catch {
      fatalError("\(path): \(error)")
    }
  }

  package static func text(_ name: String) -> String {
    String(decoding: bytes(name), as: UTF8.self)
  }
}

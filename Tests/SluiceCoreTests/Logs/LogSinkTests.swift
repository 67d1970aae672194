import Glibc
import SluiceTesting
import Testing

@testable import SluiceCore

struct LogSinkTests {
  private let directory = TemporaryDirectory()
  private let clocks = ManualClocks()

  private func text(_ name: String) throws -> String {
    String(decoding: try File.read("\(directory.path)/\(name)", atMost: 1_000), as: UTF8.self)
  }

  @Test("a file that was moved away is begun anew within a second")
  func followsRotation() throws {
    let path = directory.path + "/log"
    let sink = LogSink(path: path, clocks: clocks)
    sink.write("1\n")
    rename(path, path + ".1")
    clocks.advance(milliseconds: 999)
    sink.write("2\n")
    clocks.advance(milliseconds: 1)
    sink.write("3\n")
    #expect(try text("log.1") == "1\n2\n")
    #expect(try text("log") == "3\n")
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test("opened anew, at once or elsewhere")
  func reopens() throws {
    let path = directory.path + "/log"
    let sink = LogSink(path: path, clocks: clocks)
    sink.write("1\n")
    rename(path, path + ".1")
    sink.reopen(path)
    sink.write("2\n")
    sink.reopen(directory.path + "/other")
    sink.write("3\n")
    #expect(try text("log.1") == "1\n")
    #expect(try text("log") == "2\n")
    #expect(try text("other") == "3\n")
  }
}

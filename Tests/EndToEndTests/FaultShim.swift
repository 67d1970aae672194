import Foundation
import Glibc
import SluiceTesting

/// `Shims/faults.c`, built once, and the words that steer it: a failing disk and a stepped clock for
/// the programs that run under it.
final class FaultShim: @unchecked Sendable {
  // The words are written by the test's threads one at a time, and read by other processes.
  private let directory = TemporaryDirectory()
  private let words: UnsafeMutablePointer<Int64>

  private enum Place: Int, CaseIterable {
    case clockStep, failSyncs, failWrites, failures, timeReads
  }

  init() throws {
    _ = try Self.compiled.get()
    let path = directory.write("", to: "faults")
    let size = Place.allCases.count * MemoryLayout<Int64>.stride
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    guard ftruncate(descriptor, off_t(size)) == 0,
      let base = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
      base != MAP_FAILED
    else { throw StackError("\(path): \(String(cString: strerror(errno)))") }
    words = base.bindMemory(to: Int64.self, capacity: Place.allCases.count)
  }

  deinit { munmap(words, Place.allCases.count * MemoryLayout<Int64>.stride) }

  /// For ``Stack/Options/environment``.
  var environment: [String: String] {
    ["LD_PRELOAD": (try? Self.compiled.get()) ?? "", "SLUICE_FAULTS": directory.path + "/faults"]
  }

  /// Hours that the time of day is ahead of the true one.
  var clockStep: Int {
    get { Int(words[Place.clockStep.rawValue] / 3_600) }
    set { words[Place.clockStep.rawValue] = Int64(newValue) * 3_600 }
  }

  var failsSyncs: Bool {
    get { words[Place.failSyncs.rawValue] != 0 }
    set { words[Place.failSyncs.rawValue] = newValue ? 1 : 0 }
  }

  var failsWrites: Bool {
    get { words[Place.failWrites.rawValue] != 0 }
    set { words[Place.failWrites.rawValue] = newValue ? 1 : 0 }
  }

  /// Calls that have failed.
  var failures: Int { Int(words[Place.failures.rawValue]) }

  /// How often the programs have asked for the time of day.
  var timeReads: Int { Int(words[Place.timeReads.rawValue]) }

  /// The library's path; it is kept until the process ends.
  private static let compiled = Result {
    let directory = compiledDirectory
    let path = directory.path + "/faults.so"
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = [
      "cc", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC", "-o", path,
      Products.repository + "/Tests/EndToEndTests/Shims/faults.c", "-ldl",
    ]
    try compiler.run()
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else {
      throw StackError("cc does not compile Shims/faults.c")
    }
    return path
  }

  private static let compiledDirectory = TemporaryDirectory()
}

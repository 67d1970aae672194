import Foundation
import SluiceTesting
import Testing

/// Every fixture is somebody's public word, and the README beside it says whose.
struct FixtureSourceTests {
  private static let root = Fixture.directory

  static let folders = contents(root).filter { !$0.contains(".") }

  private static func contents(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  @Test func thereAreFixtures() { #expect(Self.folders.count >= 13) }

  @Test(arguments: folders)
  func namesASourceForEachFile(folder: String) throws {
    let readme = try String(contentsOfFile: "\(Self.root)/\(folder)/README.md", encoding: .utf8)
    // The sandbox is ours, and descriptions name their sources themselves.
    if readme.contains("Ours: ") || folder == "declarative" { return }
    var sources: [String: String] = [:]
    for row in readme.split(separator: "\n") where row.hasPrefix("| `") {
      let cells = row.split(separator: "|")
      for word in cells[0].split(separator: "`") where word.contains(".") {
        sources[String(word)] = cells.dropFirst().joined()
      }
    }
    let files = Self.contents("\(Self.root)/\(folder)").filter { $0 != "README.md" }
    #expect(sources.keys.sorted() == files)
    for (file, source) in sources {
      // A page, a repository's file, a program anybody can run, or the row before.
      let marks = ["https://", ": ", "as received from", "same"]
      #expect(marks.contains(where: source.contains), "\(folder)/\(file): \(source)")
    }
  }
}

import Glibc
import TOMLKit

/// A TOML file, read once: its values, and where each key stands, for complaints.
package struct SettingsFile: Sendable {
  package let path: String
  package let root: JSON
  private let lines: [String: Int]

  package init(path: String) throws(SettingsProblem) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try File.read(path, atMost: 4 << 20)
    } catch {
      throw SettingsProblem(file: path, key: nil, line: nil, message: error.description)
    }
    guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
      throw SettingsProblem(
        file: path, key: nil, line: nil, message: "The file is not UTF-8 text. Save it as UTF-8.")
    }
    try self.init(path: path, text: text)
  }

  package init(path: String, text: String) throws(SettingsProblem) {
    self.path = path
    // TOMLKit's own getters take a wrong type for a missing key; as JSON the tree keeps its types.
    do {
      let table = try TOMLTable(string: text)
      root = try JSONReader.read(
        Array(table.convert(to: .json).utf8), maximumKeys: Self.maximumKeys)
    } catch let error as TOMLParseError {
      throw SettingsProblem(
        file: path, key: nil, line: Int(error.source.begin.line), message: error.description)
    } catch {
      throw SettingsProblem(
        file: path, key: nil, line: nil, message: Self.sentence(for: error as? JSONError))
    }
    lines = Self.positions(in: text)
  }

  /// A thousand channels or so: the file is the operator's own, but every start reads it.
  private static let maximumKeys = 20_000

  /// The line of a dotted key, where it can be found.
  func line(of key: String) -> Int? { lines[key] }

  /// Why a file that is TOML is no settings file: TOML has more than JSON can say.
  private static func sentence(for error: JSONError?) -> String {
    switch error {
    case .tooManyKeys:
      "The file has more than \(maximumKeys) keys. Put each channel into a file of its"
        + " own: channels/NAME.toml, beside this one."
    case .tooDeep: "The file nests tables deeper than any setting does. Write flat tables."
    default: "The file holds a number that is none (nan, inf). Write finite numbers."
    }
  }

  /// Keys and table headers by line: enough for the files people write, with bare keys. What it
  /// misses is reported without a line.
  private static func positions(in text: String) -> [String: Int] {
    var positions: [String: Int] = [:]
    var counts: [String: Int] = [:]
    var table = ""
    // Not by "\n": Swift takes CR and LF together for one character, which is not that one.
    let all = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, line) in all.enumerated() {
      let line = line.drop { $0 == " " || $0 == "\t" }
      if line.hasPrefix("[") {
        let name = String(line.drop { $0 == "[" }.prefix { $0 != "]" })
          .filter { $0 != "\"" && $0 != " " }
        if line.hasPrefix("[[") { counts[name, default: 0] += 1 }
        table = numbered(name, counts)
        positions[table] = positions[table] ?? index + 1
      } else if let equals = line.firstIndex(of: "="), !line.hasPrefix("#") {
        let key = line[..<equals].filter { $0 != "\"" && $0 != " " && $0 != "\t" }
        positions[table.isEmpty ? key : "\(table).\(key)"] = index + 1
      }
    }
    return positions
  }

  /// A table's name with the number of the element that is meant after each array of tables in it:
  /// `rules[2].fields`, counted from 1.
  private static func numbered(_ name: String, _ counts: [String: Int]) -> String {
    var (plain, whole) = ("", "")
    for part in name.split(separator: ".") {
      plain += (plain.isEmpty ? "" : ".") + part
      whole += (whole.isEmpty ? "" : ".") + part + (counts[plain].map { "[\($0)]" } ?? "")
    }
    return whole
  }
}

/// A mistake in the settings: where, what is wrong, what to write instead. Never a secret.
package struct SettingsProblem: Error, Equatable, Sendable, CustomStringConvertible {
  package let file: String
  package let key: String?
  package let line: Int?
  package let message: String

  package init(file: String, key: String?, line: Int?, message: String) {
    self.file = file
    self.key = key
    self.line = line
    self.message = message
  }

  package var description: String {
    var place = file
    if let line { place += ":\(line)" }
    return key.map { "\(place): \($0): \(message)" } ?? "\(place): \(message)"
  }
}

/// All that is wrong with the settings a program needs to start.
package struct SettingsError: Error, Sendable, CustomStringConvertible {
  package let problems: [SettingsProblem]

  package init(_ problems: [SettingsProblem]) { self.problems = problems }

  package var description: String {
    problems.map(\.description).joined(separator: "\n")
  }
}

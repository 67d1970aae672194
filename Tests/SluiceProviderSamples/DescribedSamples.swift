import SluiceCore
import SluiceTesting

extension ProviderSample {
  /// One for each provider that is described in the program, made of the test beside its description.
  package static let described = ProviderDescriptions.shippedNames.map(sample(described:))

  private static func sample(described name: String) -> ProviderSample {
    let path = "\(directory)/\(name)"
    do {
      let test = try DescriptionTest(descriptionAt: "\(path).toml")
      let text = String(
        decoding: try File.read("\(path).test.toml", atMost: 1 << 16), as: UTF8.self)
      let (settings, secrets) = account(in: text, secrets: test.secrets)
      return ProviderSample(name: name, settings: settings, secrets: secrets, test: test)
    } catch {
      preconditionFailure("\(path).test.toml: \(error)")
    }
  }

  /// The account's table, its secrets in files of their own: in a description's test they stand as they
  /// are.
  private static func account(
    in test: String, secrets: [String]
  ) -> (settings: String, secrets: [String: String]) {
    var lines: [Substring] = []
    var files: [String: String] = [:]
    for line in test.split(separator: "\n").drop(while: { $0 != "[settings]" }).dropFirst() {
      if line.hasPrefix("[") { break }
      let words = line.split(separator: "\"", omittingEmptySubsequences: false)
      guard words.count == 3, let key = line.split(separator: " ").first,
        secrets.contains(String(words[1]))
      else {
        lines.append(line)
        continue
      }
      files[String(key)] = String(words[1])
      lines.append("\(key) = \"file:\(key)\"")
    }
    return (lines.joined(separator: "\n"), files)
  }

  private static let directory =
    #filePath.dropLast("Tests/SluiceProviderSamples/DescribedSamples.swift".count)
    + "Sources/SluiceCore/Providers/Declarative/Shipped"
}

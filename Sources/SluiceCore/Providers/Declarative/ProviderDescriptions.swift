import Glibc
import Synchronization

/// The descriptions by name: an operator's own in `providers/` beside `sluice.toml`, then those that
/// the program has in it.
package final class ProviderDescriptions: Sendable {
  private let directory: String
  private let cache = Mutex<[String: ProviderDescription]>([:])

  /// - Parameter directory: Of the operator's own; it need not exist.
  package init(directory: String) { self.directory = directory }

  /// - Returns: `nil` where there is none of that name.
  /// - Throws: What is wrong with it.
  package func named(_ name: String) throws(SettingsError) -> ProviderDescription? {
    if let description = cache.withLock({ $0[name] }) { return description }
    guard let file = try file(named: name) else { return nil }
    let (description, problems) = ProviderDescription.read(file, name: name)
    guard let description else { throw SettingsError(problems) }
    cache.withLock { $0[name] = description }
    return description
  }

  private func file(named name: String) throws(SettingsError) -> SettingsFile? {
    // The name becomes part of a path.
    guard ChannelName(name) != nil else { return nil }
    let path = "\(directory)/\(name).toml"
    do throws(SettingsProblem) {
      if access(path, F_OK) == 0 { return try SettingsFile(path: path) }
      return try Self.shippedText(name).map { text throws(SettingsProblem) in
        try SettingsFile(path: "\(name).toml (shipped)", text: text)
      }
    } catch {
      throw SettingsError([error])
    }
  }

  /// Those in the program, in the order of their names.
  package static var shippedNames: [String] { shipped.keys.sorted() }

  /// The text of one that the program has in it.
  package static func shippedText(_ name: String) -> String? {
    shipped[name].map { String(decoding: $0(), as: UTF8.self) }
  }
}

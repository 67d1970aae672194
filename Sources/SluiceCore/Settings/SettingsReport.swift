/// Everything there is to say about a settings file and all its channels: what `sluice check`
/// prints.
package struct SettingsReport: Sendable {
  /// The channels that can be used, by name.
  package let channels: [ChannelSettings]
  /// What keeps a program or a channel from working.
  package let problems: [SettingsProblem]
  /// What works, and is probably not meant.
  package let warnings: [SettingsProblem]

  /// Reads the main file, and every channel even where the main file has mistakes.
  package init(checking path: String) {
    let file: SettingsFile
    do throws(SettingsProblem) {
      file = try SettingsFile(path: path)
    } catch {
      (channels, problems, warnings) = ([], [error], [])
      return
    }
    var root = SettingsReader(file)
    let found = Settings(reading: &root, of: file).channels.checkAll()
    channels = found.channels
    let shared = Self.sharedChannelIDs(found.channels, path: path)
    problems = Self.ordered(root.problems + found.problems, first: path)
    warnings = Self.ordered(root.warnings + found.warnings + shared, first: path)
  }

  /// From top to bottom, the main file before the others: the reader finds them by key.
  private static func ordered(_ problems: [SettingsProblem], first: String) -> [SettingsProblem] {
    func place(_ problem: SettingsProblem) -> (String, Int) {
      (problem.file == first ? "" : problem.file, problem.line ?? 0)
    }
    return problems.sorted { place($0) < place($1) }
  }

  /// The platform gives each channel an ID of its own: the same twice is a copy somebody forgot to
  /// change, and posts one contact's messages to another's inbox.
  private static func sharedChannelIDs(
    _ channels: [ChannelSettings], path: String
  ) -> [SettingsProblem] {
    Dictionary(grouping: channels, by: \.channelID)
      .filter { $0.value.count > 1 }
      .sorted { $0.key < $1.key }
      .map { id, channels in
        SettingsProblem(
          file: path, key: nil, line: nil,
          message: "The channels \(channels.map(\.name.description).joined(separator: ", "))"
            + " have the same channel_id \"\(id.escaped)\". Copy each one's own from the platform.")
      }
  }
}

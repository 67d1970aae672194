import Glibc
import Synchronization

/// The channels by name: tables in `sluice.toml`, or a file each in `channels/` beside it. Files
/// are read when first asked for, so that ten thousand channels cost a start nothing and a new one
/// needs no reload.
package final class ChannelDirectory: Sendable {
  private let directory: String
  private let platform: Settings.Platform
  private let publicURL: String?
  private let descriptions: ProviderDescriptions
  private let inline: [ChannelName: ChannelSettings]
  private let cache = Mutex<[ChannelName: ChannelSettings]>([:])
  private let fallback = Mutex<Fallback?>(nil)

  /// Channels of the settings before these, for files that have got mistakes since.
  private struct Fallback: Sendable {
    let channels: [ChannelName: ChannelSettings]
    let complain: @Sendable (SettingsError) -> Void
  }

  /// Reads the tables under `channels` of the main file; mistakes are left in `root`.
  init(
    file: SettingsFile, directory: String, reading root: inout SettingsReader,
    platform: Settings.Platform, publicURL: String?
  ) {
    self.directory = directory
    self.publicURL = publicURL
    self.platform = platform
    let descriptions = ProviderDescriptions(directory: root.directory + "/providers")
    self.descriptions = descriptions
    var inline: [ChannelName: ChannelSettings] = [:]
    var tables = root.reader("channels")
    for key in tables.keys {
      var table = tables.reader(key)
      if let name = ChannelName(key) {
        inline[name] = ChannelSettings(
          name: name, reading: &table, platform: platform, publicURL: publicURL,
          descriptions: descriptions)
      } else {
        table.problem(nil, "\"\(key.escaped)\" is no channel name; use \(ChannelName.rule).")
      }
      tables.finish(table)
    }
    root.finish(tables)
    self.inline = inline
  }

  /// Lets a channel that `earlier` had read stay as it was, where its file can no longer be read.
  func keepWhatBreaks(
    of earlier: ChannelDirectory, complain: @escaping @Sendable (SettingsError) -> Void
  ) {
    let older = earlier.fallback.withLock { $0?.channels ?? [:] }
    let channels = older.merging(earlier.cache.withLock { $0 }) { $1 }
    fallback.withLock { $0 = Fallback(channels: channels, complain: complain) }
  }

  /// - Returns: `nil` where there is no such channel.
  /// - Throws: What is wrong with its file.
  package func channel(_ name: ChannelName) throws(SettingsError) -> ChannelSettings? {
    if let channel = inline[name] ?? cache.withLock({ $0[name] }) { return channel }
    let path = "\(directory)/\(name).toml"
    guard access(path, F_OK) == 0 else { return nil }
    let channel: ChannelSettings
    do throws(SettingsError) {
      channel = try usable(name, path: path)
    } catch {
      guard let fallback = fallback.withLock({ $0 }), let earlier = fallback.channels[name] else {
        throw error
      }
      fallback.complain(error)
      channel = earlier
    }
    cache.withLock { $0[name] = channel }
    return channel
  }

  private func usable(_ name: ChannelName, path: String) throws(SettingsError) -> ChannelSettings {
    let (channel, reader) = try read(name, path: path)
    guard let channel, reader.problems.isEmpty else { throw SettingsError(reader.problems) }
    return channel
  }

  private func read(
    _ name: ChannelName, path: String
  ) throws(SettingsError) -> (ChannelSettings?, SettingsReader) {
    let file: SettingsFile
    do throws(SettingsProblem) {
      file = try SettingsFile(path: path)
    } catch {
      throw SettingsError([error])
    }
    var reader = SettingsReader(file)
    let channel = ChannelSettings(
      name: name, reading: &reader, platform: platform, publicURL: publicURL,
      descriptions: descriptions)
    reader.finish()
    return (channel, reader)
  }

  /// All channels, in order, whether their settings can be read or not.
  package func names() -> [ChannelName] {
    let files = fileNames().filter { $0.hasSuffix(".toml") }
      .compactMap { ChannelName(String($0.dropLast(5))) }
    return Set(inline.keys).union(files).sorted()
  }

  /// Reads every channel there is, for `sluice check`. What concerns the tables of the main file
  /// was reported when that was read.
  package func checkAll() -> (
    channels: [ChannelSettings], problems: [SettingsProblem], warnings: [SettingsProblem]
  ) {
    var channels = Array(inline.values)
    var problems: [SettingsProblem] = []
    var warnings: [SettingsProblem] = []
    for file in fileNames() {
      let path = "\(directory)/\(file)"
      guard file.hasSuffix(".toml") else { continue }
      guard let name = ChannelName(String(file.dropLast(5))) else {
        problems.append(
          SettingsProblem(
            file: path, key: nil, line: nil,
            message: "The file's name is no channel name; use \(ChannelName.rule)."))
        continue
      }
      guard inline[name] == nil else {
        problems.append(
          SettingsProblem(
            file: path, key: nil, line: nil,
            message: "The channel \(name) stands in sluice.toml too. Remove one of the two."))
        continue
      }
      do throws(SettingsError) {
        let (channel, reader) = try read(name, path: path)
        if let channel { channels.append(channel) }
        problems += reader.problems
        warnings += reader.warnings
      } catch {
        problems += error.problems
      }
    }
    return (channels.sorted { $0.name < $1.name }, problems, warnings)
  }

  private func fileNames() -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { buffer in
        String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }
}

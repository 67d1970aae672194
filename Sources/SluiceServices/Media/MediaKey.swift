import SluiceCore

/// The key of the links' tokens: the settings' own, or one in the state directory.
enum MediaKey {
  /// - Returns: `nil` where none was made yet, and so no link either.
  static func find(_ settings: Settings) throws(FileError) -> Secret? {
    if let key = settings.media.key { return key }
    return try file(settings).find()
  }

  static func findOrMake(_ settings: Settings) throws(FileError) -> Secret {
    if let key = settings.media.key { return key }
    return try file(settings).findOrMake()
  }

  private static func file(_ settings: Settings) -> KeyFile {
    KeyFile("media.key", in: settings.server.stateDirectory)
  }
}

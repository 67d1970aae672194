extension Settings {
  /// These settings for a program that runs by `earlier` ones: what it has built on stays as it was, and
  /// so does a channel whose file can no longer be read.
  /// - Parameter complain: Is told what is wrong with such a file, once.
  /// - Returns: Also the keys whose new values wait for a restart.
  package func succeeding(
    _ earlier: Settings, complain: @escaping @Sendable (SettingsError) -> Void
  ) -> (settings: Settings, waiting: [String]) {
    var settings = self
    var waiting: [String] = []
    func keep<Value: Equatable>(_ key: String, _ value: WritableKeyPath<Settings, Value>) {
      guard settings[keyPath: value] != earlier[keyPath: value] else { return }
      settings[keyPath: value] = earlier[keyPath: value]
      waiting.append(key)
    }
    keep("server.state_dir", \.server.stateDirectory)
    keep("server.shared_memory", \.server.sharedMemory)
    keep("server.threads", \.server.threads)
    keep("server.max_body_bytes", \.server.maximumBodyBytes)
    // The ledger's, which is open.
    keep("server.first_attempt_seconds", \.server.firstAttemptSeconds)
    keep("server.reserve_mb", \.server.reserveBytes)
    // The meters', which are made at the start.
    keep("server.counters", \.server.countsEvents)
    keep("relay.conversation_minutes", \.relay.conversationMinutes)
    channels.keepWhatBreaks(of: earlier.channels, complain: complain)
    return (settings, waiting)
  }
}

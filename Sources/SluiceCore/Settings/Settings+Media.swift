extension Settings {
  /// Media that only we may fetch (``MediaLinks``), and our copies of it.
  package struct Media: Sendable {
    /// Makes the links' tokens; `nil` is a key that the programs keep in the state directory.
    package let key: Secret?
    /// How long a link is good for.
    package let linkMilliseconds: Int64
    /// The largest that is fetched.
    package let maximumBytes: Int
    /// What all copies together may take.
    package let quotaBytes: Int
    /// How long a copy stays after it was last asked for.
    package let keepMilliseconds: Int64
    /// For all calls that one fetch takes.
    package let fetchSeconds: Double
    /// Whether providers, and where they redirect to, may be in private networks or on this host.
    package let allowsPrivateNetworks: Bool
  }
}

extension Settings.Media {
  init(reading root: inout SettingsReader) {
    var reader = root.reader("media")
    key = reader.has("key") ? reader.secret("key", atLeast: 32) : nil
    linkMilliseconds = Int64(
      reader.number("link_hours", default: 72, in: 0.001...8_760) * 3_600_000)
    maximumBytes = reader.integer("max_mb", default: 50, in: 1...2_048) << 20
    quotaBytes = reader.integer("quota_mb", default: 2_048, in: 1...(1 << 24)) << 20
    keepMilliseconds = Int64(
      reader.number("keep_hours", default: 24, in: 0.001...8_760) * 3_600_000)
    // Less than nginx waits for sluice-media.
    fetchSeconds = reader.number("fetch_seconds", default: 60, in: 1...90)
    allowsPrivateNetworks = reader.flag("allow_private_networks", default: false)
    if quotaBytes < maximumBytes {
      reader.problem("quota_mb", "This is less than max_mb. Leave room for one file at least.")
    }
    root.finish(reader)
  }
}

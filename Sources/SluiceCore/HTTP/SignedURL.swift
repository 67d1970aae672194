extension HTTPRequest {
  /// The public URL of the endpoint that was called, without its query: for providers that sign it.
  /// What the request says of its host proves nothing, and behind a proxy is not even true.
  /// - Parameter channelURL: Of ``SettingsReader/signedChannelURL()``.
  package func signedURL(below channelURL: String) -> String {
    channelURL + (path.hasSuffix("/status") ? "/status" : "/inbound")
  }
}

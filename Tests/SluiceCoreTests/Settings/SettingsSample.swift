import SluiceTesting

/// Settings that a test can change: a directory with secrets, and texts that have no mistake.
struct SettingsSample {
  let directory = TemporaryDirectory()

  var path: String { directory.path + "/sluice.toml" }

  init() {
    directory.write("platform-token\n", to: "secrets/token")
    directory.write("sandbox-key\n", to: "secrets/api_key")
    directory.write("sandbox-webhook-secret\n", to: "secrets/webhook_secret")
  }

  static let main = """
    [server]
    state_dir = "state"

    """

  /// A channel's keys; `name` is empty in a file of its own.
  static func channel(
    _ name: String = "", id: String = "123", webhook: String = "https://platform.example/hook",
    secrets: String = "secrets"
  ) -> String {
    """
    \(name.isEmpty ? "" : "[channels.\(name)]")
    channel_id = "\(id)"
    token = "file:\(secrets)/token"
    webhook_url = "\(webhook)"
    provider = "sandbox"
    [\(name.isEmpty ? "" : "channels.\(name).")sandbox]
    url = "https://sandbox.example/provider"
    api_key = "file:\(secrets)/api_key"
    webhook_secret = "file:\(secrets)/webhook_secret"

    """
  }
}

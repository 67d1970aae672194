import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

extension ProviderSample {
  /// The same account with other settings, or with other secrets.
  func changed(settings: String? = nil, secrets: [String: String] = [:]) -> ProviderSample {
    var changed = self
    if let settings { changed.settings = settings }
    changed.secrets.merge(secrets) { $1 }
    return changed
  }

  /// What the provider reads in a payload of its own making.
  func events(_ payload: [UInt8]) -> Result<[WebhookEvent], WebhookError> {
    Result { () throws(WebhookError) in
      try provider().events(in: request(webhooks[0], payload: payload), now: Self.now)
    }
  }

  func events(_ payload: String) -> Result<[WebhookEvent], WebhookError> {
    events(Array(payload.utf8))
  }

  /// The same, with what was not understood.
  func reading(_ payload: String) throws -> WebhookReading {
    try WebhookReading { () throws(WebhookError) in try events(payload).get() }
  }

  /// What is wrong with an account's table, which makes no provider; the secrets it names are there.
  func problems(settings: String, secrets: [String: String] = [:]) throws -> [SettingsProblem] {
    let directory = TemporaryDirectory()
    for (key, value) in self.secrets.merging(secrets, uniquingKeysWith: { $1 }) {
      directory.write(value, to: key)
    }
    var reader = SettingsReader(
      try SettingsFile(path: directory.path + "/sluice.toml", text: settings))
    reader.channelURL = Self.channelURL
    #expect(ProviderRegistry.named(name)?.init(settings: &reader) == nil)
    reader.finish()
    return reader.problems
  }
}

extension Result where Success == [WebhookEvent], Failure == WebhookError {
  var isNotUnderstood: Bool {
    if case .failure(.notUnderstood) = self { true } else { false }
  }
}

extension HTTPRequest {
  /// A webhook with one header beside its type, or without it.
  static func webhook(_ name: String, _ value: String?, body: [UInt8]) -> HTTPRequest {
    var headers = ["content-type": "application/json"]
    headers[name] = value
    return HTTPRequest(method: "POST", path: "/", headers: headers, body: body)
  }
}

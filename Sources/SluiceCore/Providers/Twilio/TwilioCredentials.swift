/// What lets us in at Twilio, and Twilio in here: the auth token does both; an API key, which can be
/// revoked by itself, relieves it of the first.
/// Source: https://www.twilio.com/docs/iam/api-keys
struct TwilioCredentials: Sendable {
  let accountSID: String
  /// That sign webhooks: of the account itself, never of the one above it.
  let tokens: [Secret]
  private let user: String
  private let password: Secret

  init?(settings: inout SettingsReader) {
    let accountSID = settings.string(
      "account_sid", example: "AC00112233445566778899aabbccddeeff")
    let token = settings.secret("auth_token", atLeast: 16)
    let previous =
      settings.has("auth_token_previous")
      ? settings.secret("auth_token_previous", atLeast: 16) : nil
    let hasKey = [settings.has("api_key_sid"), settings.has("api_key_secret")].contains(true)
    let keySID =
      hasKey ? settings.string("api_key_sid", example: "SK00112233445566778899aabbccddeeff") : nil
    let keySecret = hasKey ? settings.secret("api_key_secret") : nil
    for (key, sid, prefix) in [("account_sid", accountSID, "AC"), ("api_key_sid", keySID, "SK")] {
      guard let sid, !Self.isSID(sid, prefix: prefix) else { continue }
      settings.problem(
        key,
        "\"\(sid.escaped)\" is not \(prefix) and 32 hexadecimal digits. Copy it from the console.")
      return nil
    }
    guard let accountSID, let token, !hasKey || keySID != nil && keySecret != nil else {
      return nil
    }
    self.accountSID = accountSID
    tokens = [token] + (previous.map { [$0] } ?? [])
    user = keySID ?? accountSID
    password = keySecret ?? token
  }

  var authorization: (name: String, value: String) { password.basicAuthorization(user: user) }

  var secrets: [Secret] { tokens + [password] }

  /// Two letters that say of what, and 32 hexadecimal digits.
  static func isSID(_ text: String, prefix: String) -> Bool {
    text.utf8.count == 34 && text.hasPrefix(prefix)
      && Hex.bytes(text.dropFirst(prefix.count)) != nil
  }
}

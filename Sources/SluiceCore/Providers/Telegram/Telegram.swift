/// Telegram Bot API, private chats and groups. Sources: https://core.telegram.org/bots/api, and where that is
/// silent the official server, `tdlib/telegram-bot-api: telegram-bot-api/`.
///
/// Telegram signs nothing: each webhook carries the secret token that `setWebhook` was given. It
/// knows no delivery reports either, so a message stays *sent*, and no idempotency key.
package struct Telegram: Provider {
  package static let name = "telegram"

  /// Texts count in UTF-16 units. A label has no documented limit; beyond 128 nobody reads it.
  package let limits = PartLimits(
    text: .utf16(maximum: 4_096), media: .all(captions: .utf16(maximum: 1_024)),
    takesLocation: true,
    replies: PartLimits.Replies(
      maximum: 10, label: .utf16(maximum: 128), title: .utf16(maximum: 4_096)))

  /// Over all chats (https://core.telegram.org/bots/faq, "My bot is hitting limits").
  package let defaultRate: Double? = 30

  private let token: Secret
  /// `nil`: nobody has to prove anything.
  private let proof: Proof?
  private let baseURL: String

  package init?(settings: inout SettingsReader) {
    let token = settings.secret("bot_token", atLeast: 8)
    let mustVerify = settings.mustVerify()
    let secret = mustVerify ? settings.secret("webhook_secret", atLeast: 16) : nil
    let baseURL = settings.url(
      "base_url", example: "https://api.telegram.org", default: "https://api.telegram.org")
    if let token, !token.bytes.allSatisfy({ $0.isTokenCharacter || $0 == UInt8(ascii: ":") }) {
      settings.problem(
        "bot_token", "The secret it names is no bot token. Copy it from @BotFather, all of it.")
    }
    if let secret, secret.bytes.count > 256 || !secret.bytes.allSatisfy(\.isTokenCharacter) {
      settings.problem(
        "webhook_secret",
        "Telegram takes 1 to 256 of A-Z, a-z, 0-9, _ and - for a secret token."
          + " Generate one: openssl rand -hex 32")
    }
    guard settings.problems.isEmpty, let token, let baseURL, secret != nil || !mustVerify
    else { return nil }
    self.token = token
    proof = secret.map { Proof(of: $0) }
    self.baseURL = baseURL.droppingSuffix("/")
  }

  // MARK: - Webhooks

  package let takesGroups = true

  package func isAuthentic(_ request: HTTPRequest, now: Int64) -> Bool {
    proof?.isProven(by: request.headers["x-telegram-bot-api-secret-token"]) ?? true
  }

  package func events(
    reading request: HTTPRequest, now: Int64
  ) throws(WebhookError) -> [WebhookEvent] {
    try TelegramUpdate(request.jsonObject()).events()
  }

  package let hasPrivateMedia = true

  /// `getFile` tells where a file is for the next hour, by a path below a URL that holds the token.
  package func route(toMedia reference: String) -> MediaRoute? {
    guard TelegramMessage.isFileID(reference) else { return nil }
    return .locator(HTTPCall(method: "GET", url: url("/getFile?file_id=\(reference)")))
  }

  package func call(fetchingMediaLocatedBy response: HTTPResponse) -> HTTPCall? {
    guard response.status == 200,
      let path = (try? JSONReader.read(response.body))?["result"]?["file_path"]?.string,
      Self.isFilePath(path)
    else { return nil }
    return HTTPCall(method: "GET", url: "\(baseURL)/file/bot\(token.exposed)/\(path)")
  }

  /// Segments of `A-Z a-z 0-9 _ - .`, none of them `.` or `..`: nothing that leads elsewhere.
  private static func isFilePath(_ path: String) -> Bool {
    (1...255).contains(path.utf8.count)
      && path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .allSatisfy { segment in
          segment.contains { $0 != UInt8(ascii: ".") }
            && segment.allSatisfy { $0.isTokenCharacter || $0 == UInt8(ascii: ".") }
        }
  }

  // MARK: - Sends

  package func call(
    sending part: MessagePart, to contact: ContactID, reference: String, now: Int64
  ) -> HTTPCall {
    let method = TelegramMethod(sending: part)
    let chat = JSON.Member("chat_id", .integer(TelegramMessage.chat(of: contact)))
    return HTTPCall(
      url: url("/\(method.name)"), headers: [("content-type", "application/json")],
      body: JSON.object([chat] + method.parameters).bytes)
  }

  package func outcome(of response: HTTPResponse) -> SendOutcome {
    TelegramAnswer(response, token: token).outcome
  }

  private func url(_ method: String) -> String { "\(baseURL)/bot\(token.exposed)\(method)" }
}

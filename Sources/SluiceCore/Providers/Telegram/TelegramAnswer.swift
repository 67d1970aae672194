/// Telegram's answer to a call: `ok` with a `result`, or an `error_code` (which is the HTTP status),
/// a `description` and perhaps `parameters` (https://core.telegram.org/bots/api#making-requests).
/// Descriptions are prose that may change, so that only the words of a reason hang on them.
struct TelegramAnswer {
  private let response: HTTPResponse
  /// `nil` where the body is not the JSON it should be.
  private let json: JSON?
  private let detail: String

  init(_ response: HTTPResponse, token: Secret) {
    self.response = response
    json = try? JSONReader.read(response.body)
    detail = (json?["description"]?.string ?? "").redacting(token).sentence
  }

  var outcome: SendOutcome {
    switch response.status {
    case 200..<300:
      guard json?["ok"]?.bool == true, let id = json?["result"]?["message_id"]?.integer,
        let chat = json?["result"]?["chat"]?["id"]?.integer
      else { return .unknown(reason: "Telegram's answer to the send cannot be read.") }
      return .accepted(externalID: "\(chat):\(id)")
    case 429:
      let seconds = json?["parameters"]?["retry_after"]?.integer
      return .throttled(
        reason: "Telegram gets too many messages from this bot (HTTP 429).",
        after: seconds.flatMap { $0 > 0 ? Double($0) : nil } ?? response.retryAfter)
    default:
      // Without an idempotency key a repeat may show the message twice.
      return response.sendOutcome(at: "Telegram")
        ?? .refused(
          reason: "\(refusal) (\(response.status): \(detail)).",
          isAccounts: ![400, 403, 413].contains(response.status))
    }
  }

  private var refusal: String {
    switch response.status {
    case 400:
      Self.refusals.first { detail.lowercased().contains($0.words) }?.sentence
        ?? "Telegram refused the message"
    case 401:
      "Telegram does not know the bot's token; ask your administrator to check bot_token"
    case 403:
      "The contact cannot be written to: they blocked the bot, left Telegram, or never wrote first"
    case 413: "The file is too large for Telegram"
    default:
      "Telegram refused the request; ask your administrator to check bot_token and base_url"
    }
  }

  /// Of the refusals with status 400, those that say little to an agent.
  private static let refusals: [(words: String, sentence: String)] = [
    ("chat not found", "Telegram knows no chat with this contact: they have to write first"),
    (
      "failed to get http url content",
      "Telegram could not fetch the attachment; send it again, or as a link"
    ),
    (
      "wrong file identifier",
      "Telegram could not fetch the attachment; send it again, or as a link"
    ),
    (
      "wrong type of the web page content",
      "Telegram does not show this type of file; send it as a link"
    ),
    ("file is too big", "The file is too large for Telegram; send it as a link"),
  ]
}

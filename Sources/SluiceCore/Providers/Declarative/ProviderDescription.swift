/// A messaging provider as one TOML file: what is sent where, what the answers mean, what webhooks look
/// like. An account of it is a ``DeclaredProvider``.
///
/// Every key is documented in `Documentation.docc/Providers/Declarative.md`.
package struct ProviderDescription: Sendable {
  /// As written in `provider = "…"`.
  package let name: String
  /// The provider's name for people.
  package let title: String
  let settings: [AccountSetting]
  let limits: PartLimits
  let sendsPerSecond: Double?
  let isIdempotent: Bool
  let send: RequestTemplate
  /// Of what has media in it; `nil` where ``send`` does that too.
  let sendMedia: RequestTemplate?
  /// `nil` where no token has to be fetched.
  let token: TokenRules?
  let answer: AnswerRules
  let webhooks: WebhookRules

  /// Reads a description whole.
  /// - Returns: `nil` where something is wrong, which is left in `problems`, all of it.
  package static func read(
    _ file: SettingsFile, name: String
  ) -> (description: ProviderDescription?, problems: [SettingsProblem]) {
    var reader = SettingsReader(file)
    let description = ProviderDescription(name: name, reading: &reader)
    reader.finish()
    return (reader.problems.isEmpty ? description : nil, reader.problems)
  }

  private init?(name: String, reading reader: inout SettingsReader) {
    self.name = name
    title = reader.string("title", example: "Example SMS") ?? name
    _ = reader.strings("source", example: "https://docs.example.com/sms")

    var table = reader.reader("settings")
    settings = table.keys.compactMap { key in
      var inner = table.reader(key)
      defer { table.finish(inner) }
      return AccountSetting(key, reading: &inner)
    }
    reader.finish(table)

    let account = VariableNames([], settings: settings)
    let sending = account.adding(Self.sendVariables)
    (limits, sendsPerSecond, isIdempotent) = Self.limits(&reader)
    var sendTable = reader.reader("send")
    let send = RequestTemplate(reading: &sendTable, names: sending)
    reader.finish(sendTable)
    if reader.has("send_media") {
      var table = reader.reader("send_media")
      sendMedia = RequestTemplate(reading: &table, names: sending)
      reader.finish(table)
    } else {
      sendMedia = nil
    }
    if reader.has("token") {
      var table = reader.reader("token")
      token = TokenRules(reading: &table, names: account)
      reader.finish(table)
    } else {
      token = nil
    }
    var answerTable = reader.reader("answer")
    answer = AnswerRules(reading: &answerTable)
    reader.finish(answerTable)
    var webhookTable = reader.reader("webhooks")
    webhooks = WebhookRules(reading: &webhookTable, names: account)
    reader.finish(webhookTable)
    guard let send else { return nil }
    self.send = send
  }

  /// What a send's templates may name, beside the account's settings.
  static let sendVariables = [
    "to", "text", "reference", "now", "status_url", "inbound_url", "media.url", "media.kind",
    "media.type", "media.name",
  ]

  private enum Unit: String, CaseIterable { case segments, utf16, characters, bytes }

  private static func limits(
    _ reader: inout SettingsReader
  ) -> (PartLimits, sendsPerSecond: Double?, isIdempotent: Bool) {
    var table = reader.reader("limits")
    defer { reader.finish(table) }
    let maximum = table.integer("text", default: 1, in: 1...100_000)
    let text: PartLimits.Unit =
      switch table.choice("unit", default: Unit.segments) {
      case .segments: .smsSegments(maximum: min(maximum, 255))
      case .utf16: .utf16(maximum: maximum)
      case .characters: .scalars(maximum: maximum)
      case .bytes: .bytes(maximum: maximum)
      }
    var kinds: Set<Attachment.Kind> = []
    for word in table.strings("media", example: "image") ?? [] {
      if let kind = Attachment.Kind(rawValue: word) {
        kinds.insert(kind)
      } else {
        table.problem("media", "\"\(word.escaped)\" is none of image, video, audio and file.")
      }
    }
    let media =
      kinds.isEmpty
      ? nil
      : PartLimits.Media(
        kinds: kinds, captions: text,
        withoutCaption: table.flag("captions", default: true) ? [] : kinds)
    return (
      PartLimits(text: text, media: media),
      table.optionalNumber("per_second", in: 0.01...100_000),
      table.flag("idempotent", default: false)
    )
  }
}

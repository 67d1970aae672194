/// Every provider that can stand in `provider = "…"`.
package enum ProviderRegistry {
  package static let all: [any Provider.Type] = [
    ClickSend.self,
    Infobip.self,
    Kannel.self,
    LINE.self,
    MessageBird.self,
    Plivo.self,
    SandboxProvider.self,
    Telegram.self,
    Telnyx.self,
    Twilio.self,
    Viber.self,
    Vonage.self,
    WhatsAppCloud.self,
  ]

  package static func named(_ name: String) -> (any Provider.Type)? {
    all.first { $0.name == name }
  }

  /// The type behind a name, and the description that it reads if it is no type of its own; `nil`
  /// where there is no such provider.
  static func find(
    _ name: String, _ descriptions: ProviderDescriptions
  ) -> Result<(type: any Provider.Type, description: ProviderDescription?)?, SettingsError> {
    if let type = named(name) { return .success((type, nil)) }
    return Result { () throws(SettingsError) in
      try descriptions.named(name).map { (DeclaredProvider.self, $0) }
    }
  }

  /// All names that the program knows by itself, in their order.
  package static var names: [String] {
    (all.map { $0.name } + ProviderDescriptions.shippedNames).sorted()
  }
}

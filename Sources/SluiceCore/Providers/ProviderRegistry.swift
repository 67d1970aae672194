/// Every provider that can stand in `provider = "…"`.
package enum ProviderRegistry {
  package static let all: [any Provider.Type] = [
    ClickSend.self,
    Infobip.self,
    Kannel.self,
    MessageBird.self,
    SandboxProvider.self,
    Vonage.self,
  ]

  package static func named(_ name: String) -> (any Provider.Type)? {
    all.first { $0.name == name }
  }
}

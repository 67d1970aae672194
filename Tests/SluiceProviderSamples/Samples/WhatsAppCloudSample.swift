import SluiceCore

extension WhatsAppCloud: SampledProvider {
  package static let sample = ProviderSample(
    name: name,
    settings: """
      phone_number_id = "106540352242922"
      access_token = "file:access_token"
      app_secret = "file:app_secret"
      app_secret_previous = "file:app_secret_previous"
      verify_token = "file:verify_token"
      """,
    secrets: [
      "access_token": "EAAGm0PX4ZCpsBAFakeToken", "app_secret": "wAp3vQ9xYw7bTzR5mJ2h",
      "app_secret_previous": "oWp3vQ9xYw7bTzR5mJ2h", "verify_token": "vRf3vQ9xYw7bTzR5mJ2h",
    ],
    webhooks: ["text", "image", "button", "batch", "echo", "statuses", "status-failed"].map {
      .init("whatsapp_cloud/\($0).json")
    },
    mixed: """
      {"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{
        "metadata":{"phone_number_id":"106540352242922"},"statuses":[
          {"id":"wamid.1","status":"delivered"},{"id":"wamid.2","status":"odd"}]}}]}]}
      """,
    answers: [
      (200, "whatsapp_cloud/send-success.json"), (400, "whatsapp_cloud/send-not-allowed.json"),
      (429, "whatsapp_cloud/send-throttled.json"),
      (401, "whatsapp_cloud/send-expired-token.json"),
    ],
    webhookSecret: "app_secret", credential: "access_token",
    handshake: .init(
      query: "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=vRf3vQ9xYw7bTzR5mJ2h",
      answer: "1158201444")
  ) { $0.headers["x-hub-signature-256"] = "sha256=\(Hex.text($0.code($0.body)))" }
}

import Crypto
import Foundation
import SluiceCore
import SluiceHTTP

/// A provider that posts webhooks, on a connection of its own. Belongs to one thread.
final class WebhookSender {
  private let base: String
  private let client: CurlClient
  private let key = SymmetricKey(data: Array(Stack.webhookSecret.utf8))

  init(base: String) throws {
    self.base = base
    client = try CurlClient(clocks: SystemClocks())
  }

  /// Posts one text; throws unless it is acknowledged.
  func post(_ channel: String, id: String, contact: Int, text: String? = nil) throws {
    try post(channel, Self.body(id: id, contact: contact, text: text ?? id))
  }

  /// Posts one text of each of so many contacts, in one webhook.
  func post(_ channel: String, batch: String, contacts: Int) throws {
    let events = (0..<contacts).map { Self.event(id: "\(batch)-\($0)", contact: $0, text: batch) }
    try post(channel, (["events": .array(events)] as JSON).bytes)
  }

  func post(_ channel: String, _ body: [UInt8]) throws {
    let signature = HMAC<SHA256>.authenticationCode(for: body, using: key)
      .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    let call = HTTPCall(
      url: "\(base)/sluice/\(channel)/inbound",
      headers: [
        ("content-type", "application/json"), ("x-sandbox-signature", "sha256=\(signature)"),
      ], body: body)
    switch client.perform(call, timeout: 30) {
    case .answered(let response) where response.status == 200: return
    case let result: throw NotAcknowledged(result: result)
    }
  }

  static func body(id: String, contact: Int, text: String) -> [UInt8] {
    (["events": [event(id: id, contact: contact, text: text)]] as JSON).bytes
  }

  private static func event(id: String, contact: Int, text: String) -> JSON {
    let digits = String(10_000_000 + contact)
    return [
      "type": "message", "id": .string(id), "from": .string("+60\(digits)"),
      "timestamp": .integer(Int64(Date().timeIntervalSince1970 * 1_000)), "text": .string(text),
    ]
  }
}

struct NotAcknowledged: Error { let result: CallResult }

import SluiceCore

/// A place in an adapter that bytes from outside reach, and what must hold whatever they are. A trap
/// ends the process, so that whoever calls need not look for it.
package struct FuzzTarget: Sendable, CustomStringConvertible {
  package let description: String
  /// Bytes as they usually are, to begin with.
  package let seed: [UInt8]
  fileprivate let check: @Sendable ([UInt8]) -> String?

  /// - Returns: What is wrong with what the adapter made of `bytes`; `nil` if nothing is.
  package func problem(with bytes: [UInt8]) -> String? {
    check(bytes).map { "\(self): \($0)" }
  }
}

extension ProviderSample {
  /// All of this account's.
  package func fuzzTargets() -> [FuzzTarget] {
    let provider = provider()
    return webhooks.map { webhookTarget($0, provider) } + webhooks.map { proofTarget($0, provider) }
      + answers.map { answerTarget($0, provider) }
  }

  /// A payload, proven by whoever sends it: the parser sees it.
  private func webhookTarget(_ webhook: Webhook, _ provider: any Provider) -> FuzzTarget {
    FuzzTarget(description: "\(self), \(webhook.fixture)", seed: webhook.payload) { bytes in
      let error = Self.error(of: provider, in: request(webhook, payload: bytes))
      // Fields may be too many to be looked at, or come in the way of those that prove them.
      if error == .unauthenticated, webhook.contentType == "application/json" {
        return "a proof was refused"
      }
      return error.flatMap { leak(in: $0.description, reading: bytes) }
    }
  }

  /// The payload as it is, and whatever bytes for its proof.
  private func proofTarget(_ webhook: Webhook, _ provider: any Provider) -> FuzzTarget {
    let right = request(webhook)
    let isInQuery = right.headers.keys.allSatisfy { $0 == "content-type" }
    let seed = isInQuery ? right.query : right.headers.first { $0.key != "content-type" }?.value
    return FuzzTarget(
      description: "\(self), proof of \(webhook.fixture)", seed: Array((seed ?? "").utf8)
    ) { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      let headers = right.headers.map { name, value in
        (name, isInQuery || name == "content-type" ? value : text)
      }
      let forged = HTTPRequest(
        method: right.method, path: right.path, query: isInQuery ? text : right.query,
        headers: Dictionary(headers) { $1 }, body: right.body)
      return Self.error(of: provider, in: forged).flatMap {
        leak(in: $0.description, reading: bytes)
      }
    }
  }

  /// An answer to a send; also one that quotes what the provider was told in confidence.
  private func answerTarget(_ answer: HTTPResponse, _ provider: any Provider) -> FuzzTarget {
    let told = secretsTold(by: provider)
    return FuzzTarget(description: "\(self), answer \(answer.status)", seed: answer.body) { bytes in
      let statuses = [100, 200, 204, 302, 400, 401, 404, 408, 422, 425, 429, 500, 503, 599]
      let place = bytes.lastIndex(of: UInt8(ascii: "\"")) ?? bytes.count
      let quoting = told.map { Array(bytes[..<place]) + $0.utf8 + bytes[place...] }
      for status in [answer.status, statuses[bytes.count % statuses.count]] {
        for body in [bytes] + quoting {
          let outcome = provider.outcome(of: HTTPResponse(status: status, body: body))
          guard let reason = outcome.reason else { continue }
          if !reason.hasSuffix(".") || reason.contains(where: \.isNewline) {
            return "the reason is no sentence: \(reason)"
          }
          if told.contains(where: reason.contains) { return "a secret is given away: \(reason)" }
        }
      }
      return nil
    }
  }

  /// What lets us in, and whatever else of the account stands in a send.
  private func secretsTold(by provider: any Provider) -> [String] {
    guard let contact = try? ContactID("+61411111111") else { return [] }
    let call = provider.call(
      sending: .text("Hello"), to: contact, reference: "01J9ZK5V0A0000000000000000.0", now: Self.now
    )
    let text =
      call.url + call.headers.map(\.value).joined() + String(decoding: call.body, as: UTF8.self)
    return secrets.filter { $0.key == credentialName || text.contains($0.value) }.map(\.value)
  }

  private static func error(of provider: any Provider, in request: HTTPRequest) -> WebhookError? {
    do throws(WebhookError) {
      _ = try provider.events(in: request, now: now)
      return nil
    } catch {
      return error
    }
  }

  /// - Parameter bytes: What was read: who has put a secret into it knows it.
  private func leak(in text: String, reading bytes: [UInt8]) -> String? {
    let given = String(decoding: bytes, as: UTF8.self)
    return secrets.first { text.contains($0.value) && !given.contains($0.value) }
      .map { "\($0.key) is given away" }
  }
}

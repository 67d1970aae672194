import Foundation
import SluiceCore
import SluiceHTTP
import SluiceProviderSamples
import SluiceTesting

/// A sample's provider, which makes its webhooks on a connection of its own. What it gets is compared
/// with what the adapter itself says of the same bytes. Belongs to one thread.
final class ProviderVisit {
  let sample: ProviderSample
  fileprivate let provider: any Provider
  private let client: CurlClient
  private let base: String
  fileprivate let channelURL: String
  private let now = Int64(Date().timeIntervalSince1970 * 1_000)

  init(_ sample: ProviderSample, base: String) throws {
    self.sample = sample
    self.base = base
    channelURL = "\(base)/sluice/\(sample.label)"
    provider = sample.provider(at: channelURL)
    client = try CurlClient(clocks: SystemClocks())
  }

  // MARK: - What is right

  /// - Returns: How many messages they bring.
  func sendEveryFixture() throws -> Int {
    for webhook in sample.webhooks {
      try send(request(webhook), expecting: provider.webhookResponse.status, webhook.fixture)
    }
    if let handshake = sample.handshake {
      let asking = HTTPRequest(
        method: "GET", path: "/sluice/\(sample.label)/inbound", query: handshake.query)
      let answer = try send(asking, expecting: 200, "the handshake")
      guard answer.body == Array(handshake.answer.utf8) else {
        throw Unexpected("\(sample): the handshake is answered \(answer)")
      }
    }
    return try expectedMessages().count
  }

  /// The messages of all fixtures, a repeated ID once.
  func expectedMessages() throws -> [ExpectedMessage] {
    var known: Set<String> = []
    return try sample.webhooks.flatMap { try provider.events(in: request($0), now: now) }
      .compactMap { event in
        guard case .message(let message) = event, known.insert(message.externalID).inserted
        else { return nil }
        return ExpectedMessage(message)
      }
  }

  // MARK: - What is not

  /// Webhooks with a wrong proof, without one, and with an old one.
  func sendForgeries() throws {
    for webhook in sample.webhooks {
      let secret = sample.webhookSecret
      for wrong in [String(secret.dropLast()), secret + "x", secret.uppercased()] {
        try sendRefused(request(webhook, secret: wrong), "\(webhook.fixture), wrong secret")
      }
      try sendRefused(
        HTTPRequest(
          method: webhook.method, path: "/sluice/\(sample.label)/inbound",
          query: webhook.method == "GET" ? String(decoding: webhook.payload, as: UTF8.self) : "",
          headers: webhook.contentType.map { ["content-type": $0] } ?? [:],
          body: webhook.method == "GET" ? [] : webhook.payload),
        "\(webhook.fixture), no proof")
      if sample.signsTime {
        try sendRefused(
          request(webhook, now: now - 3 * 86_400_000), "\(webhook.fixture), three days old")
      }
    }
  }

  private func sendRefused(_ request: HTTPRequest, _ label: String) throws {
    try send(request, expecting: provider.unauthenticatedStatus, label)
  }

  /// Webhooks cut off, with fields that nobody knows, and mutated at random, all of them proven: what
  /// cannot be read is kept in quarantine and answered as if it could.
  /// - Returns: How many.
  func sendDamage(rounds: Int) throws -> Int {
    var random = SplitMix64(seed: 2_026)
    var payloads: [(webhook: ProviderSample.Webhook, payload: [UInt8])] = []
    for webhook in sample.webhooks {
      let payload = webhook.payload
      payloads.append((webhook, Array(payload.prefix(payload.count / 2))))
      payloads.append((webhook, []))
      payloads.append((webhook, Mutation.renamed(payload)))
    }
    for _ in 0..<rounds {
      guard let webhook = sample.webhooks.randomElement(using: &random) else { continue }
      payloads.append((webhook, Mutation.of(webhook.payload, &random)))
    }
    for (webhook, payload) in payloads {
      let payload = webhook.method == "GET" ? Mutation.inURL(payload) : payload
      let request = request(webhook, payload: payload)
      let text = "\(webhook.fixture), damaged: \(String(decoding: payload, as: UTF8.self).escaped)"
      try send(request, expecting: answer(to: request), text)
    }
    return payloads.count
  }

  /// The status that the adapter's judgement leads to.
  private func answer(to request: HTTPRequest) -> Int {
    do throws(WebhookError) {
      if let answer = try provider.handshake(request) { return answer.status }
      _ = try provider.events(in: request, now: now)
      return provider.webhookResponse.status
    } catch {
      return error == .unauthenticated
        ? provider.unauthenticatedStatus : provider.webhookResponse.status
    }
  }

  // MARK: - Calls

  fileprivate func request(
    _ webhook: ProviderSample.Webhook, payload: [UInt8]? = nil, secret: String? = nil,
    now: Int64? = nil
  ) -> HTTPRequest {
    sample.request(
      webhook, payload: payload, secret: secret, at: channelURL, now: now ?? self.now)
  }

  @discardableResult
  fileprivate func send(
    _ request: HTTPRequest, expecting status: Int, _ label: String
  ) throws -> HTTPResponse {
    let call = HTTPCall(
      method: request.method,
      url: base + request.path + (request.query.isEmpty ? "" : "?\(request.query)"),
      headers: request.headers.map { ($0.key, $0.value) }, body: request.body)
    guard case .answered(let response) = client.perform(call, timeout: 30) else {
      throw Unexpected("\(sample), \(label): no answer")
    }
    let text = String(decoding: response.body, as: UTF8.self)
    guard response.status == status else {
      throw Unexpected("\(sample), \(label): \(response.status) \(text), not \(status)")
    }
    for (name, secret) in sample.secrets where text.contains(secret) {
      throw Unexpected("\(sample), \(label): the answer holds \(name)")
    }
    return response
  }
}

struct Unexpected: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension ProviderVisit {
  /// Holds our proofs against the provider's library: it has to believe what the sample signs, and not
  /// with another secret; and what it signs itself has to be taken through nginx, and refused once it
  /// is altered.
  /// - Returns: The library; none where it is not installed.
  func agreesWithOfficialLibrary() throws -> Set<String> {
    let webhooks = OfficialSigners.webhooks(of: sample)
    let requests = webhooks.map { request($0) }
    func verdicts(_ secret: String) throws -> [OfficialSigners.Verdict] {
      try OfficialSigners.verdicts(
        on: zip(webhooks, requests).map {
          (sample.name, "\(channelURL)/\($0.endpoint)", $1, secret)
        })
    }
    let right = try verdicts(Self.verifyingKey(of: sample, sample.webhookSecret))
    let wrong = try verdicts(Self.verifyingKey(of: sample, sample.webhookSecret + "x"))
    for (index, webhook) in webhooks.enumerated() where right[index].library != nil {
      guard right[index].isAuthentic, !wrong[index].isAuthentic else {
        throw Unexpected("\(sample), \(webhook.fixture): the library thinks otherwise")
      }
      guard let headers = right[index].headers else { continue }
      let signed = requests[index].with(headers)
      try send(signed, expecting: provider.webhookResponse.status, "\(webhook.fixture), official")
      try send(
        signed.altered(), expecting: provider.unauthenticatedStatus, "\(webhook.fixture), altered")
    }
    return Set(right.compactMap(\.library))
  }

  /// What a proof made with `secret` is checked with.
  private static func verifyingKey(of sample: ProviderSample, _ secret: String) -> String {
    sample.name == Telnyx.name ? Telnyx.publicKey(secret) : secret
  }
}

extension HTTPRequest {
  fileprivate func with(_ more: [String: String]) -> HTTPRequest {
    HTTPRequest(
      method: method, path: path, query: query, headers: headers.merging(more) { $1 }, body: body)
  }

  /// One field more.
  fileprivate func altered() -> HTTPRequest {
    HTTPRequest(
      method: method, path: path, query: method == "GET" ? query + "&x=1" : query,
      headers: headers, body: method == "GET" ? body : body + Array("&x=1".utf8))
  }
}

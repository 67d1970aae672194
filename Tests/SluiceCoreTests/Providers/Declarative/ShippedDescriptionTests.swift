import SluiceCore
import SluiceTesting
import Testing

private let root = #filePath.dropLast(
  "/Tests/SluiceCoreTests/Providers/Declarative/ShippedDescriptionTests.swift".count)

/// What every description that the program has in it owes, whoever the provider is.
struct ShippedDescriptionTests {
  private static let directory = "\(root)/Sources/SluiceCore/Providers/Declarative/Shipped"

  static func test(_ name: String) throws -> DescriptionTest {
    try DescriptionTest(descriptionAt: "\(directory)/\(name).toml")
  }

  @Test(arguments: ProviderDescriptions.shippedNames)
  func doesWhatItsTestSays(name: String) throws {
    let test = try Self.test(name)
    #expect(test.failures() == [])
    #expect(!test.webhooks.isEmpty)
  }

  @Test(arguments: ProviderDescriptions.shippedNames)
  func isEmbeddedAsItIs(name: String) throws {
    let bytes = try File.read("\(Self.directory)/\(name).toml", atMost: 65_536)
    #expect(ProviderDescriptions.shippedText(name).map { Array($0.utf8) } == bytes)
    #expect(ProviderRegistry.named(name) == nil, "an adapter has that name")
  }

  @Test(arguments: ProviderDescriptions.shippedNames)
  func refusesWhoeverLacksTheSecret(name: String) throws {
    let test = try Self.test(name)
    for webhook in test.webhooks {
      let good = webhook.request
      for query in [good.query, "secret=x&" + good.query] {
        let bad = HTTPRequest(
          method: good.method, path: good.path, query: query,
          headers: ["authorization": "Basic eDp5", "content-type": good.contentType ?? ""],
          body: good.body)
        #expect(throws: WebhookError.unauthenticated) {
          try test.provider.events(in: bad, now: DescriptionTest.now)
        }
      }
    }
  }

  /// Also: what it says of them gives no secret away.
  @Test(arguments: ProviderDescriptions.shippedNames)
  func survivesAnyBytes(name: String) throws {
    let test = try Self.test(name)
    var random = SplitMix64(seed: 4_711)
    for _ in 0..<400 {
      let webhook = try #require(test.webhooks.randomElement(using: &random)).request
      let mutated = HTTPRequest(
        method: webhook.method, path: webhook.path, query: webhook.query,
        headers: webhook.headers, body: Mutation.of(webhook.body, &random))
      do throws(WebhookError) {
        _ = try test.provider.events(in: test.provider.proving(mutated), now: DescriptionTest.now)
      } catch {
        #expect(!test.secrets.contains { error.description.contains($0) })
      }
      let answer = try #require(test.answers.randomElement(using: &random)).response
      var body = Mutation.of(answer.body, &random)
      // A peer that quotes our credentials in its complaint.
      if let secret = test.secrets.randomElement(using: &random) { body += secret.utf8 }
      let outcome = test.provider.outcome(of: HTTPResponse(status: answer.status, body: body))
      guard let reason = outcome.reason else { continue }
      #expect(!test.secrets.contains { reason.contains($0) })
      #expect(reason.hasSuffix(".") && !reason.contains { $0.isNewline })
    }
  }

  @Test(arguments: ProviderDescriptions.shippedNames)
  func onlyAClearAnswerSettlesASend(name: String) throws {
    let provider = try Self.test(name).provider
    for status in [500, 502, 504] {
      switch provider.outcome(of: HTTPResponse(status: status)) {
      case .deferred, .unknown: break
      case let outcome: Issue.record("\(status) is \(outcome)")
      }
    }
    let busy = HTTPResponse(status: 429, headers: [("retry-after", "30")])
    guard case .throttled(_, after: 30) = provider.outcome(of: busy) else {
      Issue.record("429 is \(provider.outcome(of: busy))")
      return
    }
  }

  @Test(arguments: ProviderDescriptions.shippedNames)
  func sendsTheSameForTheSameReference(name: String) throws {
    let test = try Self.test(name)
    for expected in test.calls {
      let calls = (0..<2).map { _ in
        test.provider.call(
          sending: expected.part, to: expected.contact, reference: "01J9ZK5V0A.1",
          now: DescriptionTest.now)
      }
      #expect(calls[0] == calls[1])
      #expect(calls[0].headers.allSatisfy { $0.name == $0.name.lowercased() })
      #expect(calls[0].url.utf8.allSatisfy { (0x21...0x7E).contains($0) })
    }
  }

  @Test(arguments: ProviderDescriptions.shippedNames)
  func doesNotPrintSecrets(name: String) throws {
    let test = try Self.test(name)
    var dumped = ""
    dump(test.provider, to: &dumped)
    #expect(!test.secrets.contains { dumped.contains($0) })
  }

  /// Providers with an adapter: what gateways need beyond those in the program.
  @Test(arguments: ["clicksend", "infobip", "kannel", "nexmo", "plivo"])
  func couldDescribeWhatHasAnAdapter(name: String) throws {
    let path = "\(root)/Tests/SluiceTesting/Fixtures/declarative/\(name).toml"
    #expect(try DescriptionTest(descriptionAt: path).failures() == [])
  }

  @Test func whatOneStartsFromWorks() throws {
    let directory = TemporaryDirectory()
    let path = directory.write(ProviderDescription.startingText, to: "mine.toml")
    directory.write(ProviderDescription.startingTestText, to: "mine.test.toml")
    #expect(try DescriptionTest(descriptionAt: path).failures() == [])
  }
}

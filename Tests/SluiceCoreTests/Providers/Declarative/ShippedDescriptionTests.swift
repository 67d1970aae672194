import SluiceCore
import SluiceTesting
import Testing

private let root = #filePath.dropLast(
  "/Tests/SluiceCoreTests/Providers/Declarative/ShippedDescriptionTests.swift".count)

/// What every description that the program has in it owes, whoever the provider is, beyond what the
/// contract suite asks of all providers.
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

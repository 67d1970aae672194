import Foundation
import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

extension EndToEnd {
  /// The contract of all providers, adapters and described ones, through nginx and the programs.
  @Suite(.serialized) struct ProviderTests {
    static let samples = ProviderSample.all

    /// A channel for each sample.
    private static func stack() throws -> Stack {
      var options = Stack.Options()
      options.channels = []
      options.otherChannels = Dictionary(
        uniqueKeysWithValues: samples.map { ($0.label, Stack.Account($0)) })
      // Contacts of chat providers are no phone numbers.
      options.idType = "custom"
      // A fixture may be a piece of a text whose other pieces never come.
      options.channel = "join_seconds = 0"
      options.relay = "[log]\nlevel = \"debug\""
      options.platform = "limit_per_second = 100000"
      options.sandbox = "limit_per_second = 1000000"
      return try Stack(options)
    }

    @Test("every provider's webhooks arrive; what is forged, old or damaged does no harm")
    func keepsTheContract() throws {
      let stack = try Self.stack()
      let ledger = LedgerProbe(stack)
      let processes = stack.programs.mapValues(\.pid)

      let expected = try visit(stack) { try $0.sendEveryFixture() }.reduce(0, +)
      #expect(ledger.count("message") == expected)
      #expect(ledger.count("webhook", where: "problem IS NOT NULL") == 0)
      for sample in Self.samples { try expectArrivals(of: sample, in: stack) }
      #expect(try violations(in: stack) == [])

      let webhooks = ledger.count("webhook")
      _ = try visit(stack) { try $0.sendForgeries() }
      #expect(ledger.count("webhook") == webhooks, "something forged was kept")
      #expect(ledger.count("message") == expected)

      let damaged = try visit(stack) { try $0.sendDamage(rounds: $0.sample.isDescribed ? 25 : 200) }
      #expect(damaged.reduce(0, +) >= 4_000)
      #expect(stack.programs.mapValues(\.pid) == processes)
      for (name, program) in stack.programs { #expect(program.isRunning, "\(name) died") }
      #expect(try violations(in: stack) == [])

      let logs = stack.logs()
      for sample in Self.samples {
        for (name, secret) in sample.secrets {
          #expect(!logs.contains(secret), "\(name) of \(sample) is in a log")
        }
      }
    }

    /// Lets each sample's provider do something, several at once.
    private func visit<Value: Sendable>(
      _ stack: Stack, _ body: @escaping @Sendable (ProviderVisit) throws -> Value
    ) throws -> [Value] {
      let values = Locked<[Value]>([])
      let base = stack.base
      let threads = 4
      let errors = concurrently(threads: threads) { thread in
        for (number, sample) in Self.samples.enumerated() where number % threads == thread {
          let value = try body(try ProviderVisit(sample, base: base))
          values.append(value)
        }
      }
      #expect(errors.isEmpty, "\(errors)")
      return values.value
    }

    private func expectArrivals(of sample: ProviderSample, in stack: Stack) throws {
      let expected = try ProviderVisit(sample, base: stack.base).expectedMessages().sorted()
      let sandbox = Sandbox(stack)
      let arrived = try eventually {
        let arrivals = try sandbox.arrivals(on: sample.label)
        return arrivals.count < expected.count ? nil : arrivals.map { ExpectedMessage($0) }.sorted()
      }
      #expect(arrived == expected, "\(sample)")
    }

    /// What the platform found wrong, but for the age of the fixtures' messages.
    private func violations(in stack: Stack) throws -> [String] {
      try Sandbox(stack).violations().filter { $0["rule"]?.string != "timestamp" }.map(\.text)
    }
  }
}

/// What the platform has to get of a message.
struct ExpectedMessage: Equatable, Comparable {
  let contact: String
  let isEcho: Bool
  /// Or what stands beside what is no text.
  let text: String?

  init(_ message: InboundMessage) {
    contact = message.contact.description
    isEcho = message.isEcho
    text =
      switch message.content {
      case .text(let text):
        (message.fragment.map { "(\($0.number)/\($0.total)) " } ?? "") + text
      case .attachment(let media): media.description ?? media.fileName
      case .location(let latitude, let longitude, let address):
        address ?? "\(latitude), \(longitude)"
      case .quickReply(let title, _): title
      }
  }

  init(_ arrival: JSON) {
    contact = arrival["contact"]?.string ?? ""
    isEcho = arrival["type"]?.string == "message_echo"
    text = arrival["text"]?.string
  }

  private var key: String { "\(contact) \(isEcho) \(text ?? "")" }

  static func < (a: Self, b: Self) -> Bool { a.key < b.key }
}

extension Stack.Account {
  /// The sample's account, its secrets in files that are named after it.
  init(_ sample: ProviderSample) {
    self.init(
      provider: sample.name,
      settings: sample.settings.replacing("\"file:", with: "\"file:secrets/\(sample.label)-"),
      secrets: Dictionary(
        uniqueKeysWithValues: sample.secrets.map { ("\(sample.label)-\($0.key)", $0.value) }))
  }
}

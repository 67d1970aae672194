import Foundation
import SluiceCore
import SluiceProviderSamples

/// The providers' own Python libraries, where `scripts/setup --signers` has installed them.
enum OfficialSigners {
  /// What one of them says of a webhook.
  struct Verdict {
    /// Name and version; `nil` where it is not installed.
    let library: String?
    let isAuthentic: Bool
    /// The proof as the library makes it; `nil` where it cannot sign.
    let headers: [String: String]?
  }

  private static let python = Products.repository + "/.build/signers/bin/python3"
  private static let script = Products.repository + "/Tests/EndToEndTests/Signers/signers.py"

  static var areInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

  /// Providers whose libraries know their webhooks, and the fixtures that these can be asked about.
  static func webhooks(of sample: ProviderSample) -> [ProviderSample.Webhook] {
    switch sample.label {
    // Version 2 signs the URL alone, and has no function of its own.
    case "plivo": sample.webhooks.filter { !$0.fixture.contains("mms") }
    case "vonage": sample.webhooks.filter { $0.contentType == "application/json" }
    case "twilio", "viber", "line", "telnyx": sample.webhooks
    default: []
    }
  }

  /// Asks about all requests at once.
  /// - Parameter requests: Each with the provider's name, its URL, and what its proof is checked with.
  static func verdicts(
    on requests: [(provider: String, url: String, request: HTTPRequest, secret: String)]
  ) throws -> [Verdict] {
    let questions = requests.map { question -> JSON in
      let request = question.request
      return [
        "provider": .string(question.provider), "method": .string(request.method),
        "url": .string(question.url + (request.query.isEmpty ? "" : "?\(request.query)")),
        "headers": .object(
          present: request.headers.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }),
        "body": .string(String(decoding: request.body, as: UTF8.self)),
        "secret": .string(question.secret),
      ]
    }
    let output = try ask(JSON.array(questions).bytes)
    return (try JSONReader.read(output, maximumKeys: .max).array ?? []).map { answer in
      Verdict(
        library: answer["library"]?.string, isAuthentic: answer["isAuthentic"]?.bool ?? false,
        headers: answer["headers"]?.members.map { members in
          Dictionary(members.map { ($0.name, $0.value.string ?? "") }) { $1 }
        })
    }
  }

  private static func ask(_ input: [UInt8]) throws -> [UInt8] {
    let directory = NSTemporaryDirectory()
    let question = "\(directory)/sluice-signers-\(UUID().uuidString)"
    defer { unlink(question) }
    try Data(input).write(to: URL(fileURLWithPath: question))
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script]
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: question))
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw StackError("signers.py ended with status \(process.terminationStatus)")
    }
    return Array(bytes)
  }
}

import Foundation
import SluiceCore
import SluiceProviderSamples
import SluiceTesting
import Testing

extension EndToEnd {
  /// Our idea of a proof beside that of the providers' own libraries.
  @Suite(
    .serialized, .enabled(if: OfficialSigners.areInstalled, "scripts/setup --signers installs them")
  )
  struct OfficialSignerTests {
    static let samples = ProviderSample.usual.filter { !OfficialSigners.webhooks(of: $0).isEmpty }

    @Test(
      "what official libraries sign is taken, altered it is not, and they believe what the tests sign"
    )
    func agree() throws {
      var options = Stack.Options()
      options.channels = []
      options.otherChannels = Dictionary(
        uniqueKeysWithValues: Self.samples.map { ($0.label, Stack.Account($0)) })
      options.idType = "custom"
      let stack = try Stack(options)
      for sample in Self.samples {
        let visit = try ProviderVisit(sample, base: stack.base)
        let libraries = try visit.agreesWithOfficialLibrary()
        print("official signers: \(sample): \(libraries.sorted().joined(separator: ", "))")
      }
    }
  }
}

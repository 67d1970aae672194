import SluiceCore

/// A provider with a sample. Conformance is all that a sample needs to be found: the registry lists
/// the types.
package protocol SampledProvider: Provider {
  static var sample: ProviderSample { get }
  /// Where accounts differ by their kind, one of each.
  static var samples: [ProviderSample] { get }
}

extension SampledProvider {
  package static var samples: [ProviderSample] { [sample] }
}

extension ProviderSample {
  private static let types = ProviderRegistry.all.compactMap { $0 as? any SampledProvider.Type }

  /// One for each adapter, in the registry's order.
  package static let usual = types.map { $0.sample }

  /// Those of all kinds of accounts.
  package static let adapters = types.flatMap { $0.samples }

  /// All of them, and those that are described.
  package static let all = adapters + described
}

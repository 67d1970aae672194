extension ProviderDescriptions {
  /// The descriptions that are embedded in the program, each a file in `Shipped/`. As functions, so
  /// that a start reads none of them.
  static let shipped: [String: @Sendable () -> [UInt8]] = [
    "africastalking": { PackageResources.africastalking_toml },
    "kannel": { PackageResources.kannel_toml },
  ]
}

extension ProviderDescription {
  /// A commented description to start from, and its test.
  package static var startingText: String {
    String(decoding: PackageResources.start_toml, as: UTF8.self)
  }
  package static var startingTestText: String {
    String(decoding: PackageResources.start_test_toml, as: UTF8.self)
  }
}

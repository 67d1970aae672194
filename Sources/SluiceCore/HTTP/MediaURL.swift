extension String {
  /// Whether this is an `https` URL fit to stand in a message, as a provider gives one for media.
  var isMediaURL: Bool {
    utf8.count <= MessageContent.maximumURLBytes && hasPrefix("https://")
      && utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}

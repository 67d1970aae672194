extension ContactProfile {
  /// What a webhook tells of a contact: only what is not blank, and of a language tag (BCP 47) only
  /// what the platform takes, ISO 639-1.
  /// - Returns: `nil` where it tells nothing.
  static func known(
    firstName: String?, lastName: String? = nil, phone: String? = nil, language: String? = nil
  ) -> ContactProfile? {
    func known(_ text: String?) -> String? {
      text.flatMap { $0.contains { !$0.isWhitespace } ? $0 : nil }
    }
    let profile = ContactProfile(
      firstName: known(firstName), lastName: known(lastName), phone: phone,
      language: iso639(language))
    return profile == ContactProfile() ? nil : profile
  }

  /// The same for a name in one piece: the first word is taken for the first name.
  static func known(
    name: String?, phone: String? = nil, language: String? = nil
  ) -> ContactProfile? {
    let named = ContactProfile(name: name)
    return known(
      firstName: named.firstName, lastName: named.lastName, phone: phone, language: language)
  }

  private static func iso639(_ tag: String?) -> String? {
    let language = (tag ?? "").utf8.prefix { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }
    let letters = language.map { $0 | 0x20 }
    guard letters.count == 2,
      letters.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
    else { return nil }
    return String(decoding: letters, as: UTF8.self)
  }
}

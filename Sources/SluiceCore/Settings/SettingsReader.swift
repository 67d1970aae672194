import Glibc

/// Reads one table of the settings, key by key, and collects every mistake instead of stopping at
/// the first. A key that nobody asked for is a mistake too (``finish()``).
package struct SettingsReader {
  let file: SettingsFile
  private let path: String
  private let table: [JSON.Member]
  private var asked: Set<String> = []
  package private(set) var problems: [SettingsProblem] = []
  /// What works, and is probably not meant; for `sluice check`.
  package private(set) var warnings: [SettingsProblem] = []
  /// Where the provider reaches the channel that is read, if `server.public_url` says so: its
  /// webhooks go to `…/inbound` and `…/status` below it.
  package var channelURL: String?
  /// The calling code that the channel's national numbers belong to, digits alone.
  package var countryCode: String?
  /// What `provider = "…"` names, where that is a description and no type.
  var description: ProviderDescription?
  /// Secrets at hand by key, which then need no file: for the tests of a description.
  var givenSecrets: [String: String] = [:]

  /// All that were read, whatever for.
  private(set) var secrets: [Secret] = []

  /// What was asked for, where somebody wants to know that; `nil` costs nothing.
  private(set) var declarations: [SettingsDeclaration]?
  /// Whether every optional key is taken to be there.
  private var assumesAll = false

  /// - Parameter path: The table's dotted name; empty for the whole file.
  package init(_ file: SettingsFile, table: JSON? = nil, path: String = "") {
    self.file = file
    self.path = path
    self.table = (table ?? file.root).members ?? []
  }

  init(_ file: SettingsFile, declaring: Bool, assumingAll: Bool) {
    self.init(file)
    declarations = declaring ? [] : nil
    assumesAll = assumingAll
  }

  /// Notes what may stand at `key`; what was noted first stays.
  mutating func declare(
    _ key: String, _ kind: SettingsDeclaration.Kind, default value: String? = nil,
    example: String? = nil, isRequired: Bool = false
  ) {
    guard declarations != nil else { return }
    let key = dotted(key)
    guard declarations?.contains(where: { $0.key == key }) == false else { return }
    declarations?.append(
      SettingsDeclaration(
        key: key, kind: kind, fallback: value, example: example, isRequired: isRequired))
  }

  /// Where relative paths begin.
  package var directory: String {
    file.path.contains("/") ? String(file.path[..<file.path.lastIndex(of: "/")!]) : "."
  }

  package var keys: [String] { table.map(\.name) }

  package mutating func problem(_ key: String?, _ message: String) {
    problems.append(complaint(key, message))
  }

  package mutating func warn(_ key: String?, _ message: String) {
    warnings.append(complaint(key, message))
  }

  private func complaint(_ key: String?, _ message: String) -> SettingsProblem {
    let full = key.map(dotted) ?? (path.isEmpty ? nil : path)
    return SettingsProblem(
      file: file.path, key: full, line: full.flatMap(file.line(of:)) ?? file.line(of: path),
      message: message)
  }

  /// A table inside this one, to be given back to ``finish(_:)``; empty if it is missing.
  package mutating func reader(_ key: String) -> SettingsReader {
    let value = take(key)
    if let value, value.members == nil {
      problem(key, "This is \(value.kind); write a table: [\(dotted(key))].")
    }
    var inner = SettingsReader(
      file, table: value?.members == nil ? [:] : value, path: dotted(key))
    inner.channelURL = channelURL
    inner.countryCode = countryCode
    inner.givenSecrets = givenSecrets
    inner.assumesAll = assumesAll
    inner.declarations = declarations.map { _ in [] }
    return inner
  }

  /// Whether an optional key is there; from here on it is known.
  package mutating func has(_ key: String) -> Bool {
    asked.insert(key)
    return assumesAll || table.contains { $0.name == key } || givenSecrets[key] != nil
  }

  package mutating func string(_ key: String, example: String) -> String? {
    declare(key, .string, example: example, isRequired: true)
    guard let value = take(key) else {
      problem(key, "This is missing. Write \(key) = \"\(example)\".")
      return nil
    }
    guard let text = value.string, !text.isEmpty else {
      problem(key, "This is \(found(value)); write a string: \(key) = \"\(example)\".")
      return nil
    }
    return text
  }

  package mutating func optionalString(_ key: String, example: String) -> String? {
    declare(key, .string, example: example)
    return has(key) ? string(key, example: example) : nil
  }

  /// One of an enumeration's raw values.
  package mutating func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String, default value: Value
  ) -> Value where Value.RawValue == String {
    declare(
      key, .choice(Value.allCases.map(\.rawValue)), default: "\"\(value.rawValue)\"")
    guard let given = take(key) else { return value }
    if let text = given.string, let choice = Value(rawValue: text) { return choice }
    let known = Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    problem(key, "This is \(found(given)); write one of \(known).")
    return value
  }

  package mutating func integer(
    _ key: String, default value: Int, in range: ClosedRange<Int>
  ) -> Int {
    declare(key, .integer(range), default: "\(value)")
    guard let given = take(key) else { return value }
    if let number = given.integer, range.contains(Int(number)) { return Int(number) }
    problem(
      key,
      "This is \(found(given)); write a whole number from \(range.lowerBound) to \(range.upperBound)."
    )
    return value
  }

  package mutating func number(
    _ key: String, default value: Double, in range: ClosedRange<Double>
  ) -> Double {
    declare(key, .number(range), default: "\(value)")
    return optionalNumber(key, in: range) ?? value
  }

  package mutating func optionalNumber(_ key: String, in range: ClosedRange<Double>) -> Double? {
    declare(key, .number(range))
    guard let given = take(key) else { return nil }
    if let number = given.number, range.contains(number) { return number }
    problem(
      key,
      "This is \(found(given)); write a number from \(range.lowerBound) to \(range.upperBound)."
    )
    return nil
  }

  package mutating func flag(_ key: String, default value: Bool) -> Bool {
    declare(key, .boolean, default: "\(value)")
    guard let given = take(key) else { return value }
    if let flag = given.bool { return flag }
    problem(key, "This is \(found(given)); write true or false.")
    return value
  }

  /// An absolute `http` or `https` URL, verbatim.
  package mutating func url(_ key: String, example: String, default value: String? = nil) -> String?
  {
    declare(
      key, .url, default: value.map { "\"\($0)\"" }, example: example, isRequired: value == nil)
    if value != nil && !has(key) { return value }
    guard let text = string(key, example: example) else { return nil }
    guard text.hasPrefix("https://") || text.hasPrefix("http://"),
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), text.utf8.count <= 2_048,
      text.urlHost != nil
    else {
      problem(
        key, "\"\(text.escaped)\" is not an absolute URL. Copy it without spaces: \"\(example)\".")
      return nil
    }
    return text
  }

  /// A reference to a secret: `file:PATH` (relative to this settings file; one trailing newline is
  /// not part of it) or `env:NAME`. The secret itself never stands in the settings.
  package mutating func secret(_ key: String, atLeast minimum: Int = 1) -> Secret? {
    declare(
      key, .secret(atLeast: minimum), example: "file:secrets/\(key)", isRequired: true)
    if let given = givenSecrets[key] {
      asked.insert(key)
      secrets.append(Secret(given.utf8))
      return Secret(given.utf8)
    }
    guard let reference = string(key, example: "file:secrets/\(key)") else { return nil }
    let bytes: [UInt8]
    if reference.hasPrefix("file:") {
      let name = String(reference.dropFirst(5))
      let path = name.hasPrefix("/") ? name : "\(directory)/\(name)"
      if File.isReadableByAll(path) {
        warn(key, "\(path): Every user of this machine may read the secret. Run chmod o= on it.")
      }
      do throws(FileError) {
        var content = try File.read(path, atMost: 65_536)
        if content.last == 0x0A { content.removeLast() }
        if content.last == 0x0D { content.removeLast() }
        bytes = content
      } catch {
        problem(key, "\(path): \(error)")
        return nil
      }
    } else if reference.hasPrefix("env:") {
      guard let value = getenv(String(reference.dropFirst(4))) else {
        problem(key, "The environment variable of \"\(reference.escaped)\" is not set. Set it.")
        return nil
      }
      bytes = Array(String(cString: value).utf8)
    } else {
      // Do not print what was written: somebody may have put the secret itself there.
      problem(
        key,
        "This is no reference to a secret. Put the secret into a file of its own, mode 0600, and"
          + " write \(key) = \"file:secrets/\(key)\", or \"env:NAME\" for an environment variable.")
      return nil
    }
    guard bytes.count >= minimum, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      problem(
        key,
        "The secret it names has \(bytes.count) bytes, or holds spaces or control characters;"
          + " at least \(minimum) printable characters are needed. Generate one:"
          + " head -c 24 /dev/urandom | base64")
      return nil
    }
    secrets.append(Secret(bytes))
    return Secret(bytes)
  }

  /// Whether webhooks have to prove that the provider sent them: always, unless the table says
  /// `verify = "none"`, which is worth a warning.
  package mutating func mustVerify() -> Bool {
    guard choice("verify", default: Verification.signature) == .none else { return true }
    warn(
      "verify",
      "Webhooks are believed whoever sends them. Remove this line, and set the provider's secret.")
    return false
  }

  private enum Verification: String, CaseIterable { case signature, none }

  /// The public URL of the channel's endpoints, for a provider that signs it.
  package mutating func signedChannelURL() -> String? {
    guard let channelURL else {
      problem(
        nil,
        "The provider signs its webhooks' URL, and server.public_url does not say what it is."
          + " Write public_url = \"https://sluice.example.com/sluice\" into [server].")
      return nil
    }
    return channelURL
  }

  /// The same for a provider that is told with each send where its statuses go, and that otherwise goes
  /// by what its own settings say.
  package mutating func callbackURL() -> String? {
    if channelURL == nil {
      warn(
        nil,
        "Sends cannot say where their statuses go, so these come only if the provider's own"
          + " settings name this channel. Write public_url = \"https://sluice.example.com/sluice\""
          + " into [server].")
    }
    return channelURL
  }

  /// Ends this table: what nobody asked for is unknown.
  package mutating func finish() {
    for key in keys where !asked.contains(key) {
      // Sorted, so that of two that are as near the same one is named every time.
      let near = asked.sorted().min { distance($0, key) < distance($1, key) }
      let hint = near.flatMap { distance($0, key) <= 3 ? " Did you mean \($0)?" : nil }
      problem(
        key,
        "This key is unknown.\(hint ?? " Known here: \(asked.sorted().joined(separator: ", ")).")")
    }
  }

  /// Ends a table inside this one, and takes over what was wrong with it.
  package mutating func finish(_ inner: SettingsReader) {
    var inner = inner
    inner.finish()
    problems += inner.problems
    warnings += inner.warnings
    secrets += inner.secrets
    declarations? += inner.declarations ?? []
  }

  /// What is wrong elsewhere, and keeps this table from being used.
  mutating func adopt(_ others: [SettingsProblem]) { problems += others }

  mutating func take(_ key: String) -> JSON? {
    asked.insert(key)
    return table.first { $0.name == key }?.value
  }

  func dotted(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func found(_ value: JSON) -> String {
    switch value {
    case .string(let text): text.isEmpty ? "empty" : "\"\(text.escaped)\""
    case .integer, .double, .bool: value.text
    default: value.kind
    }
  }

  /// Levenshtein's distance, to guess what was meant.
  private func distance(_ a: String, _ b: String) -> Int {
    let b = Array(b.utf8)
    var row = Array(0...b.count)
    for (i, x) in a.utf8.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(min(above, row[j]) + 1, diagonal + (x == y ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}

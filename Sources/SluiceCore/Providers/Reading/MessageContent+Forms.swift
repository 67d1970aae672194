extension MessageContent {
  /// A text. The platform takes none that is empty, and the agent should see that something came.
  static func words(_ text: String?) -> MessageContent {
    .text(text.flatMap { $0.isEmpty ? nil : $0 } ?? "(empty message)")
  }

  /// A place on the globe, as a webhook gives it.
  /// - Parameter address: Its lines; some may be missing.
  static func pin(
    latitude: JSON?, longitude: JSON?, address: [JSON?] = []
  ) throws(WebhookError) -> MessageContent {
    guard let latitude = latitude?.number, let longitude = longitude?.number,
      (-90...90).contains(latitude), (-180...180).contains(longitude)
    else { throw .notUnderstood("A location has no latitude and longitude, or is off the globe.") }
    let lines = address.compactMap { $0?.string }.filter { !$0.isEmpty }
    return .location(
      latitude: latitude, longitude: longitude,
      address: lines.isEmpty ? nil : lines.joined(separator: ", "))
  }

  /// A card with somebody's name and numbers, for which the platform has no form: a line for each.
  static func card(name: String?, numbers: [String?]) -> MessageContent {
    let lines = ([name] + numbers).compactMap { $0 }.filter { !$0.isEmpty }
    return .text(lines.isEmpty ? "(contact card)" : lines.joined(separator: "\n"))
  }

  /// An address in two lines, for providers that show a place by its name: what is before the first
  /// comma, and the rest; without an address, `Location` and the coordinates.
  static func place(
    latitude: Double, longitude: Double, address: String?
  ) -> (name: String, address: String) {
    let lines = (address ?? "").split(maxSplits: 1, omittingEmptySubsequences: false) {
      $0 == "," || $0.isNewline
    }.map { String($0.drop { $0.isWhitespace }) }
    switch (lines.first ?? "", lines.dropFirst().first ?? "") {
    case ("", ""): return ("Location", "\(degrees(latitude)), \(degrees(longitude))")
    case (let name, ""): return (name, name)
    case ("", let rest): return (rest, rest)
    case (let name, let rest): return (name, rest)
    }
  }
}

extension MessageContent {
  /// Media at a URL that anybody may fetch, as a webhook gives it.
  static func publicMedia(
    _ kind: Attachment.Kind, url: JSON?, fileName: String? = nil, caption: String? = nil,
    size: Int64? = nil
  ) throws(WebhookError) -> MessageContent {
    let attachment = JSON.object(present: [
      ("type", .string(kind.rawValue)), ("url", url), ("fileName", fileName.map(JSON.string)),
      ("description", caption.flatMap { $0.isEmpty ? nil : .string($0) }),
      ("size", size.map(JSON.integer)),
    ])
    do throws(MessageContentError) {
      return try MessageContent(json: ["type": "attachment", "attachment": attachment])
    } catch {
      throw .notUnderstood(error.description)
    }
  }
}

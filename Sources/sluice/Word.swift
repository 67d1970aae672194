import ArgumentParser
import SluiceCore

/// Words of the command line as values; the message of a mistake says what can be written.
enum Word {
  static func channel(_ text: String) throws -> ChannelName {
    guard let name = ChannelName(text) else {
      throw ValidationError("\"\(text)\" is no channel's name; one is \(ChannelName.rule).")
    }
    return name
  }

  /// - Returns: Unix milliseconds.
  static func time(_ text: String, now: Int64) throws -> Int64 {
    let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]
    if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
      (0...1_000_000).contains(count)
    {
      return now - count * unit
    }
    let date = text.utf8.count == 10 ? "\(text)T00:00:00" : text
    guard let time = Timestamp.milliseconds(ofDate: date) else {
      throw ValidationError(
        "\"\(text)\" is no time; write 2025-10-09, 2025-10-09T08:00:00Z, or how long ago: 90m, 12h, 7d."
      )
    }
    return time
  }

  static func contact(_ text: String, type: IDType? = nil) throws -> ContactID {
    do {
      return if let type { try ContactID(text, type: type) } else { try ContactID(text) }
    } catch {
      throw ValidationError("\(error)")
    }
  }

  static func messageID(_ text: String) throws -> MessageID {
    guard let id = MessageID(text) else {
      throw ValidationError("\"\(text)\" is no mId; one has 26 letters and digits.")
    }
    return id
  }

  static func one<Value>(of known: [Value], _ text: String, _ what: String) throws -> Value {
    guard let value = known.first(where: { "\($0)" == text }) else {
      let words = known.map { "\($0)" }.joined(separator: ", ")
      throw ValidationError("\"\(text)\" is no \(what); write one of \(words).")
    }
    return value
  }
}

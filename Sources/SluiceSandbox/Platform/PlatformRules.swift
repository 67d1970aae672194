import SluiceCore

/// The rules of PROTOCOL, "Sluice to IS-Messenger", as a pure function from a request to what it
/// says and what is wrong with it. Written apart from the code that it judges, and stricter: what the
/// protocol does not name is a violation here.
struct PlatformRules: Sendable {
  let channelID: String
  let idType: IDType

  /// Clocks may differ a little, and messages may have waited long.
  static let futureMilliseconds: Int64 = 10 * 60_000
  static let pastMilliseconds: Int64 = 31 * 86_400_000

  /// - Parameter now: Unix milliseconds.
  func read(_ request: HTTPRequest, now: Int64) -> PlatformReading {
    var reading = PlatformReading()
    guard request.contentType == "application/json" else {
      reading.violations.append(
        Violation(
          .contentType,
          "content-type is \"\((request.headers["content-type"] ?? "").escaped)\"; send application/json."
        ))
      return reading
    }
    do throws(JSONError) {
      read(try JSONReader.read(request.body), now: now, into: &reading)
    } catch {
      reading.violations.append(Violation(.json, error.description))
    }
    return reading
  }

  private func read(_ body: JSON, now: Int64, into reading: inout PlatformReading) {
    var fields = FieldReader(
      body, at: "body", allowing: ["channelId", "contactId", "events", "contact"])
    if let channel = fields.string("channelId", .channelID), channel != channelID {
      fields.fail(
        .channelID,
        "channelId is \"\(channel.escaped)\"; this channel's is \"\(channelID.escaped)\".")
    }
    if let text = fields.string("contactId", .contactID) {
      reading.contact = text.head(bytes: 200)
      do throws(ContactIDError) {
        _ = try ContactID(text, type: idType)
      } catch {
        fields.fail(.contactID, error.description)
      }
    }
    if let contact = fields.optional("contact") {
      fields.absorb(ContactRules.violations(in: contact))
      reading.name = ContactRules.name(in: contact)
    }
    if let events = fields.array("events", .events) {
      reading.count = events.count
      if events.isEmpty { fields.fail(.events, "events is empty; send one.") }
      for (index, event) in events.prefix(1_000).enumerated() {
        if let event = read(event, at: "events[\(index)]", now: now, failing: &fields) {
          reading.events.append(event)
        }
      }
    }
    reading.violations = fields.violations
  }

  private func read(
    _ json: JSON, at path: String, now: Int64, failing outer: inout FieldReader
  ) -> PlatformEvent? {
    guard let type = json["type"]?.string,
      ["message", "message_echo", "message_status"].contains(type)
    else {
      outer.fail(
        .eventType,
        "\(path).type must be message, message_echo or message_status; it is \(describe(json["type"]))."
      )
      return nil
    }
    let body = type == "message_status" ? "status" : "message"
    var fields = FieldReader(json, at: path, allowing: ["type", "mId", "timestamp", body])
    defer { outer.absorb(fields.violations) }
    let mID = fields.string("mId", .mID)
    if let mID, !(1...50).contains(mID.utf8.count) {
      fields.fail(.mID, "\(path).mId has \(mID.utf8.count) bytes; 1 to 50 are allowed.")
    }
    checkTimestamp(&fields, path: path, now: now)
    guard let inner = fields.required(body, body == "status" ? .status : .message) else {
      return nil
    }
    let content: PlatformEvent.Content?
    if type == "message_status" {
      content = fields.absorb { StatusRules.read(inner, at: "\(path).status", failing: &$0) }
    } else {
      let message = fields.absorb { MessageRules.read(inner, at: "\(path).message", failing: &$0) }
      content = message.map {
        type == "message"
          ? .message(kind: $0.kind, text: $0.text, url: $0.url)
          : .echo(kind: $0.kind, text: $0.text, url: $0.url)
      }
    }
    guard let mID, let content else { return nil }
    return PlatformEvent(
      mID: mID.head(bytes: 200), timestamp: json["timestamp"]?.integer ?? 0, content: content)
  }

  private func checkTimestamp(_ fields: inout FieldReader, path: String, now: Int64) {
    guard let value = fields.required("timestamp", .timestamp) else { return }
    guard let time = value.integer else {
      fields.fail(.timestamp, "\(path).timestamp is \(describe(value)); send whole milliseconds.")
      return
    }
    guard time <= now + Self.futureMilliseconds, time >= now - Self.pastMilliseconds else {
      let hint =
        abs(time - now / 1_000) < Self.pastMilliseconds / 1_000 ? " These are seconds." : ""
      fields.fail(
        .timestamp,
        "\(path).timestamp is \(time), which is not near now in epoch milliseconds (\(now)).\(hint)"
      )
      return
    }
  }
}

/// A value as an error sentence names it.
func describe(_ value: JSON?) -> String {
  switch value {
  case nil: "missing"
  case .string(let text): "\"\(text.escaped)\""
  case .integer, .double, .bool: value?.text ?? ""
  case let value?: value.kind
  }
}

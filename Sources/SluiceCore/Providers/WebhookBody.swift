extension HTTPRequest {
  /// The body of a webhook that is known to be authentic, as a JSON object.
  /// - Parameter maximumKeys: More than the default for providers that put much into one webhook.
  func jsonObject(
    maximumKeys: Int = JSONReader.maximumKeys
  ) throws(WebhookError) -> JSON {
    let json: JSON
    do throws(JSONError) {
      json = try JSONReader.read(body, maximumKeys: maximumKeys)
    } catch {
      throw .notUnderstood(error.description)
    }
    guard json.members != nil else {
      throw .notUnderstood("The body is \(json.kind); an object is expected.")
    }
    return json
  }
}

/// The events of a webhook that carries several. What is understood does not wait for what is not:
/// a webhook is strange only if nothing in it could be read.
struct EventBatch {
  private var events: [WebhookEvent] = []
  private var problem: WebhookError?

  mutating func add(_ event: () throws(WebhookError) -> WebhookEvent?) {
    do throws(WebhookError) {
      if let event = try event() { events.append(event) }
    } catch {
      problem = problem ?? error
    }
  }

  /// All that was understood.
  /// - Throws: The first problem, where nothing was.
  func understood() throws(WebhookError) -> [WebhookEvent] {
    if let problem, events.isEmpty { throw problem }
    return events
  }
}

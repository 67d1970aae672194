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

/// The events of a webhook that carries several. What is understood does not wait for what is not, and
/// what is not is not forgotten over it.
struct EventBatch {
  private var events: [WebhookEvent] = []
  private var problem: String?

  /// - Parameter event: `nil` for what is of no interest.
  mutating func add(_ event: () throws(WebhookError) -> WebhookEvent?) {
    addAll { () throws(WebhookError) in try event().map { [$0] } ?? [] }
  }

  /// The same for an item that holds several.
  mutating func addAll(_ events: () throws(WebhookError) -> [WebhookEvent]) {
    do throws(WebhookError) {
      self.events += try events()
    } catch {
      problem = problem ?? error.description
    }
  }

  /// All of them.
  /// - Throws: The first problem, where there is one, with all that was understood.
  func understood() throws(WebhookError) -> [WebhookEvent] {
    if let problem { throw .notUnderstood(problem, understood: events) }
    return events
  }
}

/// What a webhook was found to hold.
package struct WebhookReading: Sendable {
  /// What goes on its way.
  package let events: [WebhookEvent]
  /// Why the webhook is kept in quarantine too; `nil` where all of it was understood.
  package let problem: String?

  /// - Throws: `.unauthenticated`, which leaves nothing to keep.
  package init(
    _ read: () throws(WebhookError) -> [WebhookEvent]
  ) throws(WebhookError) {
    do throws(WebhookError) {
      events = try read()
      problem = nil
    } catch {
      guard case .notUnderstood(let problem, let understood) = error else { throw error }
      events = understood
      self.problem = problem
    }
  }
}

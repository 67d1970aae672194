import SluiceCore
import SluiceServices

/// The operators' pages.
package final class ConsoleService: RequestHandler {
  private let context: ServiceContext

  package init(context: ServiceContext) { self.context = context }

  package func begin(_ request: HTTPRequest) -> Progress {
    .answered(.error(404, "There is nothing at this address."))
  }
}

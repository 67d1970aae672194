import SluiceCore
import Synchronization

/// Serves each request by the settings that hold when it comes: with others, by a handler made anew. A
/// request ends with the handler that it began with.
package final class ReloadingHandler<Context: ProgramContext>: RequestHandler {
  private let make: @Sendable (Context) -> any RequestHandler
  private let state: Mutex<State>

  private struct State {
    var context: Context
    var handler: any RequestHandler
  }

  package init(_ context: Context, make: @escaping @Sendable (Context) -> any RequestHandler) {
    self.make = make
    state = Mutex(State(context: context, handler: make(context)))
  }

  package func begin(_ request: HTTPRequest) -> Progress {
    let handler = state.withLock { state in
      if state.context.refresh() { state.handler = make(state.context) }
      return state.handler
    }
    return handler.begin(request)
  }
}

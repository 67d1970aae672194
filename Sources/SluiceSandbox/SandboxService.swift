import SluiceCore

/// The sandbox: IS-Messenger and a provider for each channel, the page that shows both, and the
/// interface by which tests watch them and make them fail. Never for production.
///
///     POST /sandbox/platform/CHANNEL             the platform's webhook URL
///     POST /sandbox/provider/CHANNEL/messages    the sandbox provider's API: sends,
///     GET  /sandbox/provider/CHANNEL/messages    and questions about one message
///     GET  /sandbox/provider/CHANNEL/media/ID    and private media
///          /sandbox/provider/CHANNEL/forgetful/  the same, without idempotency
///     POST /sandbox/clicksend/CHANNEL/v3/...     ClickSend's API
///     GET  /                                     the page
///          /sandbox/api/...                      see ``SandboxInterface``
package final class SandboxService: RequestHandler {
  private let context: SandboxContext
  private let platform: PlatformEnd
  private let provider: ProviderEnd
  private let interface: SandboxInterface
  private let page = Page()

  package init(
    configuration: SandboxConfiguration, clocks: any Clocks,
    makeClient: @escaping @Sendable () -> any HTTPClient
  ) {
    context = SandboxContext(configuration: configuration, clocks: clocks, makeClient: makeClient)
    platform = PlatformEnd(context)
    provider = ProviderEnd(context)
    interface = SandboxInterface(context, provider: provider)
  }

  /// Starts the threads that post callbacks to Sluice; they live as long as the process.
  package func start() {
    let delivery = provider.callbacks
    context.callbacks.start(clocks: context.clocks) { delivery.deliver($0) }
  }

  /// Posts what is due on the calling thread, instead of ``start()``: for tests.
  func deliverDueCallbacks() {
    context.callbacks.drain(now: context.clocks.boot) { provider.callbacks.deliver($0) }
  }

  /// Faults may make an answer wait.
  package func begin(_ request: HTTPRequest) -> Progress {
    .blocking { .answered(self.reply(to: request)) }
  }

  /// For callers that do not tell when the answer has left: it is taken to have left at once.
  package func respond(to request: HTTPRequest) -> HTTPResponse {
    let reply = reply(to: request)
    reply.afterwards?()
    return reply.response
  }

  package func reply(to request: HTTPRequest) -> Reply {
    let words = request.path.split(separator: "/").map(String.init)
    switch (words.first, words.dropFirst().first) {
    case (nil, _), ("sandbox", nil):
      return Reply(page.respond(to: request))
    case ("sandbox", "api"):
      return Reply(interface.respond(to: request, words: Array(words.dropFirst(2))))
    case ("sandbox", let end?):
      guard words.count > 2, let channel = context.index(of: words[2]) else { break }
      let kind = context.configuration.channels[channel].account.kind
      if end == "platform", words.count == 3 {
        return Reply(platform.respond(to: request, channel: channel))
      } else if end == (kind == "sandbox" ? "provider" : kind) {
        return provider.reply(
          to: request, channel: channel, path: words.dropFirst(3).joined(separator: "/"))
      }
    default: break
    }
    return Reply(.error(404, "There is nothing at \(request.path.escaped), or no such channel."))
  }
}

import SluiceCore
import Synchronization

/// The calls by which tests make the far ends behave: callbacks to order, and options.
extension SandboxInterface {
  /// Posts callbacks about one message on the phone, or about one that is not there.
  func order(_ body: JSON) throws(InterfaceError) -> HTTPResponse {
    let channel = try channel(body)
    let steps = try steps(body["steps"] ?? .null)
    let query: LookupQuery? =
      if let id = body["id"]?.string {
        .id(id)
      } else if let reference = body["reference"]?.string {
        .reference(reference)
      } else {
        nil
      }
    guard query != nil || steps.allSatisfy({ $0.id != nil && $0.content != .echo }) else {
      throw InterfaceError(
        400, "Without id or reference of a message, each step must be a status with an id.")
    }
    let order = provider.order(
      steps, about: query, contact: body["contact"]?.string ?? "", channel: channel)
    guard case .scheduled(let count) = order else {
      throw InterfaceError(404, "No such message has reached a phone of that channel.")
    }
    return HTTPResponse(status: 200, json: ["scheduled": .integer(Int64(count))])
  }

  /// Sets what follows each send; without steps, the usual reports do again.
  func setScript(_ body: JSON) throws(InterfaceError) -> HTTPResponse {
    let channels = try channels(body)
    var steps: [CallbackStep]?
    if let list = body["steps"], list != .null { steps = try self.steps(list) }
    context.state.withLock { state in
      for channel in channels { state.channels[channel].options.steps = steps }
    }
    return options()
  }

  func setOptions(_ body: JSON) throws(InterfaceError) -> HTTPResponse {
    let channels = try channels(body)
    var all = context.state.withLock { $0.channels.map(\.options) }
    for channel in channels { try all[channel].change(body) }
    context.state.withLock { [all] state in
      for channel in channels { state.channels[channel].options = all[channel] }
    }
    return options()
  }

  func options() -> HTTPResponse {
    let options = context.state.withLock { $0.channels.map(\.options) }
    return HTTPResponse(
      status: 200,
      json: [
        "channels": .object(
          zip(context.configuration.channels, options).map {
            JSON.Member($0.name.description, $1.json)
          })
      ])
  }

  /// The channel that is named, or all.
  private func channels(_ body: JSON) throws(InterfaceError) -> [Int] {
    body["channel"] == nil
      ? Array(context.configuration.channels.indices) : [try channel(body)]
  }

  private func steps(_ json: JSON) throws(InterfaceError) -> [CallbackStep] {
    do throws(CallbackStepError) {
      return try CallbackStep.list(json)
    } catch {
      throw InterfaceError(400, error.description)
    }
  }
}

import SluiceCore

// Tokens that calls to a provider need.

extension Carrier {
  /// Holds `call` until it has a slot; before it, where the provider wants a token and there is none,
  /// the call that fetches one. While somebody else fetches it the lease is given back.
  func hold(
    _ call: HTTPCall, _ kind: SettlementPolicy.Kind, for lease: Lease, _ channel: ChannelSettings
  ) {
    guard lease.queue.destination == .provider, let account = channel.account(lease.account),
      let tokens = account.provider.tokens
    else {
      return hold(Prepared(lease: lease, channel: channel, call: call, kind: kind))
    }
    let now = context.clocks.wall
    switch account.token.ask(now: now) {
    case .token(let token):
      let authorized = tokens.authorize(call, with: token)
      hold(Prepared(lease: lease, channel: channel, call: authorized, kind: kind))
    case .fetch:
      let fetch = tokens.fetch(now: now)
      hold(Prepared(lease: lease, channel: channel, call: fetch, kind: .token))
    case .wait(let until):
      settlements.append(Settlement(lease: lease, fate: .release(at: until), attempt: nil))
    }
  }

  private func hold(_ prepared: Prepared) {
    var prepared = prepared
    prepared.since = context.clocks.boot
    held[prepared.slotKey, default: []].append(prepared)
    load[prepared.slotKey, default: 0] += 1
  }

  /// Takes in what an answer says of the channel's token.
  /// - Returns: Whether the call has brought one, and the lease goes on to what it is for.
  func takeToken(_ prepared: Prepared, _ result: CallResult) -> Bool {
    guard let account = prepared.channel.account(prepared.lease.account),
      let tokens = account.provider.tokens
    else { return false }
    let (cell, now) = (account.token, context.clocks.wall)
    guard case .answered(let response) = result else {
      if prepared.kind == .token { cell.fail() }
      return false
    }
    guard prepared.kind == .token else {
      if tokens.isRefused(by: response) { cell.forget(now: now) }
      return false
    }
    guard (200..<300).contains(response.status), let token = tokens.token(in: response) else {
      cell.fail()
      return false
    }
    cell.set(token, now: now)
    return true
  }
}

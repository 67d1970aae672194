import SluiceCore
import SluiceHTTP
import SluiceTesting
import Synchronization

/// A `/message` call that is under way while the test goes on.
final class Calling {
  private let background: Background

  init(_ base: String, text: String = "slow", then note: @escaping @Sendable (Int?) -> Void) {
    background = Background(threads: 1) { _ in
      let client = try CurlClient(clocks: SystemClocks())
      let call = HTTPCall(
        url: base + "/sluice/demo/message",
        headers: [
          ("authorization", "Bearer \(Stack.token)"), ("content-type", "application/json"),
        ], body: Stack.text(text).bytes)
      guard case .answered(let response) = client.perform(call, timeout: 30) else {
        return note(nil)
      }
      note(response.status)
    }
  }

  func wait() { _ = background.wait() }
}

/// A value that two threads may look at.
final class Locked<Value: Sendable>: Sendable {
  private let storage: Mutex<Value>

  init(_ value: Value) { storage = Mutex(value) }

  var value: Value {
    get { storage.withLock { $0 } }
    set { storage.withLock { $0 = newValue } }
  }
}

extension Locked {
  func append<Element>(_ element: Element) where Value == [Element] {
    storage.withLock { $0.append(element) }
  }
}

import CCurl
import Glibc
import SluiceCore

/// Calls on one libcurl multi handle: connections are kept and reused, HTTP/2 where the other side
/// speaks it, the system's TLS and trusted roots. Belongs to one thread.
package final class CurlTransport: CallTransport {
  private let multi: OpaquePointer
  private let clocks: any Clocks
  private var idle: [CurlTransfer] = []
  /// Transfers that libcurl works on, by their easy handle.
  private var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
  /// Calls that could not even begin.
  private var stillborn: [(ticket: UInt64, result: CallResult)] = []
  /// Whether a request has left of which somebody wants to know, and has not been told.
  private var hasDeparted = false

  /// - Parameter connections: How many may be open at once, to all hosts together.
  package init(connections: Int, clocks: any Clocks) throws(CurlError) {
    var problem: UnsafePointer<CChar>?
    guard sluice_curl_open(&problem) == 0 else {
      throw CurlError(description: problem.map { String(cString: $0) } ?? "libcurl is missing.")
    }
    guard let multi = sluice_curl_multi_init() else {
      throw CurlError(description: "libcurl has no memory.")
    }
    self.multi = OpaquePointer(multi)
    self.clocks = clocks
    sluice_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
  }

  deinit {
    for (easy, _) in active { sluice_curl_multi_remove(handle, easy) }
    active.removeAll()
    idle.removeAll()
    sluice_curl_multi_cleanup(handle)
  }

  package var underWay: Int { active.count + stillborn.count }

  package func begin(
    _ call: HTTPCall, ticket: UInt64, timeout: Double, departure: @escaping () -> Bool
  ) {
    guard let transfer = idle.popLast() ?? CurlTransfer() else {
      stillborn.append((ticket, .notSent(reason: "libcurl has no memory")))
      return
    }
    transfer.prepare(call, ticket: ticket, timeout: timeout) { [unowned self] in
      hasDeparted = departure() || hasDeparted
    }
    guard sluice_curl_multi_add(handle, transfer.easy) == 0 else {
      stillborn.append((ticket, .notSent(reason: "libcurl did not take the call")))
      return
    }
    active[transfer.easy] = transfer
  }

  package func wait(
    until time: UInt64, waking descriptors: [Int32]
  ) -> [(ticket: UInt64, result: CallResult)] {
    var waiting = descriptors.map {
      curl_waitfd(fd: $0, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    }
    while true {
      var running: Int32 = 0
      sluice_curl_multi_perform(handle, &running)
      let results = collect()
      if !results.isEmpty || hasDeparted {
        hasDeparted = false
        return results
      }
      let now = clocks.boot
      if now >= time || waiting.contains(where: { $0.revents != 0 }) { return [] }
      let left = time - now
      // libcurl waits in whole milliseconds.
      let milliseconds = Int32(min((left + 999_999) / 1_000_000, 60_000))
      sluice_curl_multi_poll(handle, &waiting, UInt32(waiting.count), milliseconds)
    }
  }

  private func collect() -> [(ticket: UInt64, result: CallResult)] {
    var results = stillborn
    stillborn.removeAll()
    var code = CURLE_OK
    while let easy = sluice_curl_multi_done(handle, &code) {
      sluice_curl_multi_remove(handle, easy)
      guard let transfer = active.removeValue(forKey: easy) else { continue }
      results.append((transfer.ticket, transfer.result(code)))
      idle.append(transfer)
    }
    return results
  }

  private var handle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(multi) }
}

package struct CurlError: Error, CustomStringConvertible {
  package let description: String
}

/// One transport as a client that makes a call and waits for it.
package final class CurlClient: HTTPClient {
  private let transport: CurlTransport
  private let clocks: any Clocks

  package init(clocks: any Clocks) throws(CurlError) {
    transport = try CurlTransport(connections: 4, clocks: clocks)
    self.clocks = clocks
  }

  package func perform(_ call: HTTPCall, timeout: Double) -> CallResult {
    transport.begin(call, ticket: 0, timeout: timeout, departure: { false })
    while true {
      let results = transport.wait(until: clocks.boot + 60_000_000_000, waking: [])
      if let result = results.first { return result.result }
    }
  }
}

import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// What nginx does not do, or not on demand: connections that are kept in great numbers, and
  /// requests that come slowly. The tests speak FastCGI 1.0 themselves.
  @Suite(.serialized) struct ConnectionTests {
    @Test("more kept connections than threads are all served, and none delays a stop")
    func servesKeptConnections() throws {
      var options = Stack.Options()
      options.relays = 0
      options.threads = 2
      let stack = try Stack(options)
      let connections = try (0..<50).map { _ in try connect(stack) }
      for round in 0..<3 {
        for connection in connections {
          try connection.send(request("GET", keeps: true))
          #expect(try connection.answer().contains("Status: 405"), "round \(round)")
        }
      }
      let start = Date()
      #expect(stack["outbound-0"].stop() == 0)
      #expect(Date().timeIntervalSince(start) < 5)
    }

    @Test("a request that comes in pieces is served, and holds up no other")
    func servesSlowRequests() throws {
      var options = Stack.Options()
      options.relays = 0
      options.threads = 2
      let stack = try Stack(options)
      for keeps in [false, true] {
        let (slow, quick) = (try connect(stack), try connect(stack))
        let bytes = request("GET", keeps: keeps)
        try slow.send(Array(bytes[..<30]))
        try quick.send(bytes)
        #expect(try quick.answer().contains("Status: 405"))
        try slow.send(Array(bytes[30...]))
        #expect(try slow.answer().contains("Status: 405"))
      }
    }

    @Test(
      "a request that is refused before its body is read gets its answer", arguments: [10, 2_000])
    func refusesUnread(kilobytes: Int) throws {
      var options = Stack.Options()
      options.relays = 0
      options.server = "max_body_bytes = 2048"
      let stack = try Stack(options)
      for keeps in [false, true] {
        let connection = try connect(stack)
        try connection.send(request("POST", body: kilobytes << 10, keeps: keeps))
        #expect(try connection.answer().contains("Status: 413"))
      }
    }

    // MARK: Steps

    private func connect(_ stack: Stack) throws -> Peer {
      try Peer("\(stack.path)/run/outbound.sock")
    }

    /// The records of one request, body and all.
    private func request(_ method: String, body: Int = 0, keeps: Bool) -> [UInt8] {
      let variables = [
        ("REQUEST_METHOD", method), ("DOCUMENT_URI", "/demo/message"),
        ("CONTENT_LENGTH", "\(body)"),
      ]
      var parameters: [UInt8] = []
      for (name, value) in variables {
        parameters += [UInt8(name.utf8.count), UInt8(value.utf8.count)]
        parameters += name.utf8
        parameters += value.utf8
      }
      var bytes = record(1, [0, 1, keeps ? 1 : 0, 0, 0, 0, 0, 0])
      bytes += record(4, parameters) + record(4, [])
      var left = body
      while left > 0 {
        bytes += record(5, [UInt8](repeating: 0x20, count: min(left, 32_000)))
        left -= min(left, 32_000)
      }
      return bytes + record(5, [])
    }

    private func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
      let (high, low) = (UInt8(content.count >> 8), UInt8(content.count & 0xFF))
      return [1, type, 0, 1, high, low, 0, 0] + content
    }
  }

  /// The web server's end of a FastCGI connection.
  private final class Peer {
    private let descriptor: Int32

    init(_ path: String) throws {
      descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      var limit = timeval(tv_sec: 10, tv_usec: 0)
      let size = socklen_t(MemoryLayout<timeval>.size)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
      setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      let code = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
          Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      guard code == 0 else { throw StackError("\(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) throws {
      var sent = 0
      while sent < bytes.count {
        let count = bytes.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw StackError("sending: \(String(cString: strerror(errno)))") }
        sent += count
      }
    }

    /// What the program writes up to the end of its request (record type 3), records' heads and all.
    func answer() throws -> String {
      var bytes: [UInt8] = []
      while true {
        var at = 0
        while at + 8 <= bytes.count {
          if bytes[at + 1] == 3 { return String(decoding: bytes, as: UTF8.self) }
          at += 8 + (Int(bytes[at + 4]) << 8) + Int(bytes[at + 5]) + Int(bytes[at + 6])
        }
        var chunk = [UInt8](repeating: 0, count: 4_096)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else {
          throw StackError(
            "no answer, only \(bytes.count) bytes: \(String(cString: strerror(errno)))")
        }
        bytes += chunk[..<count]
      }
    }
  }
}

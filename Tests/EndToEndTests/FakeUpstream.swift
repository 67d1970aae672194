import Foundation
import Glibc
import SluiceCore
import SluiceTesting
import Synchronization

/// A web server on loopback that behaves badly, on a thread of its own.
final class FakeUpstream {
  enum Manner: Sendable, Equatable {
    /// Takes the connection, and never says a word.
    case silent
    /// Closes it in the middle of an answer.
    case cut
    /// Answers with that, and closes the connection.
    case answers(String)
    /// The same, by path and query; what has none is cut off.
    case routes([String: String])
    /// Answers the first request of a connection and keeps it open; takes the second, and hangs up.
    case hangsUp
  }

  let port: Int
  private let listener: Int32
  private let background: Background
  private let shared = Shared()

  private final class Shared: Sendable {
    let isOver = Atomic<Bool>(false)
    let calls = Atomic<Int>(0)
  }

  /// Connections that came; of one that hangs up, requests.
  var calls: Int { shared.calls.load(ordering: .acquiring) }

  init(_ manner: Manner) throws {
    let (listener, port) = try Self.bound()
    (self.listener, self.port) = (listener, port)
    guard listen(listener, 128) == 0 else { throw StackError("cannot listen") }
    let shared = shared
    background = Background(threads: 1) { _ in
      var held: [Int32] = []
      while !shared.isOver.load(ordering: .acquiring) {
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 50) > 0 else { continue }
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { continue }
        if manner != .hangsUp { shared.calls.add(1, ordering: .acquiringAndReleasing) }
        switch manner {
        case .silent: held.append(connection)
        case .cut:
          Self.answer(connection) { _ in
            #"HTTP/1.1 200 OK\#r\#ncontent-length: 100\#r\#n\#r\#n{"id":"#
          }
        case .answers(let text): Self.answer(connection) { _ in text }
        case .routes(let texts): Self.answer(connection) { texts[$0] ?? "" }
        case .hangsUp:
          for isFirst in [true, false] where Self.request(on: connection) != nil {
            shared.calls.add(1, ordering: .acquiringAndReleasing)
            guard isFirst else { break }
            Self.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", to: connection)
          }
          close(connection)
        }
      }
      for connection in held { close(connection) }
    }
  }

  /// - Parameter text: By the request's path and query.
  private static func answer(_ connection: Int32, _ text: (String) -> String) {
    // The request is read first: closing with unread bytes would be a reset.
    write(text(request(on: connection) ?? ""), to: connection)
    close(connection)
  }

  /// - Returns: Its path and query; `nil` if none came.
  private static func request(on connection: Int32) -> String? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = read(connection, &chunk, chunk.count)
    guard count > 0 else { return nil }
    let words = String(decoding: chunk.prefix(count), as: UTF8.self).split(separator: " ")
    return words.count > 1 ? String(words[1]) : ""
  }

  private static func write(_ text: String, to connection: Int32) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(connection, bytes, bytes.count)
  }

  deinit {
    shared.isOver.store(true, ordering: .releasing)
    _ = background.wait()
    close(listener)
  }

  /// A port that refuses connections for as long as the descriptor is open: bound, and not listened
  /// on.
  static func bound() throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
      }
    }
    guard code else { throw StackError("no free port") }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }
}

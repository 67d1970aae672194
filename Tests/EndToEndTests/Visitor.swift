import Glibc

/// Somebody who opens a link: plain HTTP/1.1 on a connection of its own, so that a test sees every
/// header, and may ask for HEAD.
struct Visitor {
  struct Answer {
    let status: Int
    /// By lower-case name.
    let headers: [String: String]
    let body: [UInt8]
  }

  let port: Int

  func ask(
    _ method: String, _ path: String, headers: [String: String] = [:]
  ) throws -> Answer {
    let connection = try connect()
    defer { close(connection) }
    var text = "\(method) \(path) HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    let request = Array((text + "\r\n").utf8)
    guard send(connection, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
      throw StackError("sending: \(String(cString: strerror(errno)))")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count >= 0 else { throw StackError("no answer: \(String(cString: strerror(errno)))") }
      if count == 0 { break }
      bytes += chunk[..<count]
    }
    return try Self.answer(bytes)
  }

  private static func answer(_ bytes: [UInt8]) throws -> Answer {
    let end = Array("\r\n\r\n".utf8)
    guard
      let head = bytes.indices.first(where: { bytes[$0...].starts(with: end) })
    else { throw StackError("no whole answer, but \(bytes.count) bytes") }
    let lines = String(decoding: bytes[..<head], as: UTF8.self).split(separator: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let words = line.split(separator: ":", maxSplits: 1)
      headers[words[0].lowercased()] = words.count < 2 ? "" : String(words[1].drop { $0 == " " })
    }
    return Answer(
      status: lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0,
      headers: headers, body: Array(bytes[(head + 4)...]))
  }

  private func connect() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        Glibc.connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else {
      close(descriptor)
      throw StackError("port \(port): \(String(cString: strerror(errno)))")
    }
    return descriptor
  }
}

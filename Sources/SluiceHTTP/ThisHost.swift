import CCurl  // Brings the kinds of sockets, which the static Glibc lacks.
import Glibc
import SluiceCore

/// This host, as its routes see it.
package enum ThisHost {
  /// Whether packets to that address do not leave the host: then it is also the address that they would
  /// come from. Asked of a socket that sends nothing, since lists of interfaces need a kind of socket that
  /// the service manager keeps from the programs, and miss what is added meanwhile.
  package static func has(_ address: NetworkAddress) -> Bool {
    let target = address.effective
    return target.bytes.count == 4 ? has(four: target.bytes) : has(six: target.bytes)
  }

  private static func has(four bytes: [UInt8]) -> Bool {
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = UInt16(443).bigEndian
    withUnsafeMutableBytes(of: &target.sin_addr) { $0.copyBytes(from: bytes) }
    guard let source = source(for: target, AF_INET) else { return false }
    return source.sin_addr.s_addr == target.sin_addr.s_addr
  }

  private static func has(six bytes: [UInt8]) -> Bool {
    var target = sockaddr_in6()
    target.sin6_family = sa_family_t(AF_INET6)
    target.sin6_port = UInt16(443).bigEndian
    withUnsafeMutableBytes(of: &target.sin6_addr) { $0.copyBytes(from: bytes) }
    guard let source = source(for: target, AF_INET6) else { return false }
    return withUnsafeBytes(of: source.sin6_addr) { $0.elementsEqual(bytes) }
  }

  /// Where packets to `target` would come from; `nil` where there is no way to it.
  private static func source<Address>(for target: Address, _ family: Int32) -> Address? {
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = target
    var size = socklen_t(MemoryLayout<Address>.size)
    let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        connect(descriptor, pointer, size) == 0 && getsockname(descriptor, pointer, &size) == 0
      }
    }
    return isKnown ? address : nil
  }
}

import FlyingSocks
import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The address that a page is served at: of this machine alone (127.0.0.1, ::1, localhost), or one that others reach.
package struct ServedHost: Sendable {
  /// As it stands in a URL.
  package let name: String
  private let literal: String
  private let isIPv6: Bool

  /// nil where it is no IPv4 or IPv6 address: names of machines are not looked up.
  package init?(_ text: String) {
    let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
    literal = bare == "localhost" ? "127.0.0.1" : bare
    var parsed = in6_addr()
    if inet_pton(AF_INET, literal, &parsed) == 1 {
      isIPv6 = false
    } else if inet_pton(AF_INET6, literal, &parsed) == 1 {
      isIPv6 = true
    } else {
      return nil
    }
    name = isIPv6 ? "[\(literal)]" : bare
  }

  /// Whether it is reached from this machine alone.
  package var isLoopback: Bool { isIPv6 ? literal == "::1" : literal.hasPrefix("127.") }

  /// Whether a request's Host header names this server. One that others reach has names that it does not know.
  func isMeant(by header: String?) -> Bool {
    guard isLoopback else { return true }
    guard let header else { return false }
    let named = header.hasPrefix("[") ? header.prefix { $0 != "]" } + "]" : header.prefix { $0 != ":" }
    return [name, literal, "localhost"].contains(String(named).lowercased())
  }

  /// Throws `ServingError`.
  func address(port: UInt16) throws -> any SocketAddress {
    do {
      if isIPv6 { return try sockaddr_in6.inet6(ip6: literal, port: port) }
      return try sockaddr_in.inet(ip4: literal, port: port)
    } catch {
      throw ServingError(error, host: self, port: port)
    }
  }
}

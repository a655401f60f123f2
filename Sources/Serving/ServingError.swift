import FlyingSocks
import Foundation
import Foundations

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Why a page cannot be served.
package enum ServingError: DescribedError {
  case taken(port: UInt16)
  case forbidden(port: UInt16)
  case notHere(host: String)
  case failed(host: String, port: UInt16, reason: String)

  init(_ error: any Error, host: ServedHost, port: UInt16) {
    self =
      switch error as? SocketError {
      case .failed(_, EADDRINUSE, _): .taken(port: port)
      case .failed(_, EACCES, _): .forbidden(port: port)
      case .failed(_, EADDRNOTAVAIL, _): .notHere(host: host.name)
      case .failed(_, _, let message): .failed(host: host.name, port: port, reason: message)
      default: .failed(host: host.name, port: port, reason: (error as NSError).localizedDescription)
      }
  }

  package var description: String {
    switch self {
    case .taken(let port):
      "--port: \(port) is taken by another program. Give another one, or 0 for one that is free."
    case .forbidden(let port): "--port: this user may not serve at \(port). Give one from 1024 on, or 0."
    case .notHere(let host):
      "--host: found \(host), expected an address of this machine, such as 127.0.0.1."
    case .failed(let host, let port, let reason): "\(host), port \(port): \(reason). Nothing is served."
    }
  }
}

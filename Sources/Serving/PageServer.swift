import FlyingFox
import FlyingSocks
import Foundation
import Foundations

/// One page over HTTP that tells its readers when it has changed. Read-only: `GET /` is the page, `GET /events` the news, and there is
/// nothing else to ask for.
package struct PageServer: Sendable {
  /// The page as it stands.
  package struct Content: Sendable {
    package let html: String
    /// Another one where the page is another.
    package let version: String
    /// Why the page cannot be made anew, where it cannot.
    package let problem: String?

    package init(html: String, version: String, problem: String?) {
      (self.html, self.version, self.problem) = (html, version, problem)
    }
  }

  private let host: ServedHost
  private let port: UInt16
  private let content: @Sendable () async -> Content

  /// Port 0 is a free one. `content` is asked for the page at every request, and for news about once a second while somebody looks.
  package init(host: ServedHost, port: UInt16, content: @escaping @Sendable () async -> Content) {
    (self.host, self.port, self.content) = (host, port, content)
  }

  /// Serves until the user stops it; `begun` is told the page's address (URL) once it answers.
  ///
  /// Throws `ServingError` where the address cannot be had.
  package func run(begun: @escaping @Sendable (String) -> Void) async throws {
    let server = HTTPServer(
      config: .init(address: try host.address(port: port), logger: .disabled),
      handler: PageHandler(host: host, content: content))
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        group.addTask { await Self.watch(server, host: host, begun: begun) }
        // The user, or what keeps the server from listening: either ends both.
        try await group.next()
        group.cancelAll()
      }
    } catch  where !Interruption.isRequested {
      throw ServingError(error, host: host, port: port)
    } catch {}
  }

  /// Tells the address, and waits until the user has enough.
  private static func watch(
    _ server: HTTPServer, host: ServedHost, begun: @Sendable (String) -> Void
  ) async {
    var isTold = false
    while !Interruption.isRequested {
      if !isTold, let port = await server.listeningAddress?.port {
        begun("http://\(host.name):\(port)/")
        isTold = true
      }
      try? await Task.sleep(for: .milliseconds(isTold ? 100 : 5))
    }
  }
}

extension Socket.Address {
  fileprivate var port: UInt16? {
    switch self {
    case .ip4(_, let port), .ip6(_, let port): port
    case .unix: nil
    }
  }
}

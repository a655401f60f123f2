/// The one place where coordinator and sites meet: bytes of the protocol go over, bytes come back.
///
/// In one process it is a call, through folders it is files, over a network a request.
package protocol SiteConnection: Sendable {
  /// The site's name, unique within a run.
  var site: String { get }

  /// Hands over one sealed envelope and returns the site's sealed answer.
  ///
  /// A site that does not serve the request answers with a `WireRefusal`; it throws only where no answer
  /// can be had at all.
  func exchange(_ message: [UInt8]) async throws -> [UInt8]

  /// The same, calling `started` when the site's own work on it starts: before that it is no fault of the site's if it takes
  /// long. A connection that cannot tell says so at once.
  func exchange(_ message: [UInt8], started: @escaping @Sendable () -> Void) async throws -> [UInt8]
}

/// A connection that can tell when the site's own work starts, or stands in front of one that can.
package protocol WatchedConnection: SiteConnection {}

extension WatchedConnection {
  package func exchange(_ message: [UInt8]) async throws -> [UInt8] { try await exchange(message) {} }
}

extension SiteConnection {
  package func exchange(
    _ message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    started()
    return try await exchange(message)
  }
}

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
}

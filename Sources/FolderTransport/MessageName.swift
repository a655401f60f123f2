import FederationProtocol
import Foundations

/// The files of one request, named after what it is: `<round>-<kind>-<digest>.request`, `.started` and `.answer`.
///
/// The digest (the first 16 digits of the message's SHA-256) makes the same request the same file in every process, and another
/// request another file.
package struct MessageName: Sendable, Equatable {
  package static let requestEnding = ".request"
  package static let startedEnding = ".started"
  package static let answerEnding = ".answer"

  package let stem: String

  package var request: String { stem + Self.requestEnding }
  /// Put down when the site's work begins.
  package var started: String { stem + Self.startedEnding }
  package var answer: String { stem + Self.answerEnding }

  /// `attempt` is above 1 for a request that is made again since its answer cannot be used.
  package init(_ message: [UInt8], attempt: Int = 1) {
    let header = EnvelopeHeader(message)
    let round = String(header?.round ?? 0)
    let padding = String(repeating: "0", count: max(0, 6 - round.count))
    let digest = Digest.sha256Hex(message).prefix(16)
    stem =
      "\(padding)\(round)-\((header?.kind ?? .unspecified).label)-\(digest)"
      + (attempt > 1 ? "-\(attempt)" : "")
  }

  /// The name of a request's file; nil for any other.
  package init?(file: String) {
    guard file.hasSuffix(Self.requestEnding) else { return nil }
    stem = String(file.dropLast(Self.requestEnding.count))
  }

  /// Whether a message is the one that the file is named after.
  package func isOf(_ message: [UInt8]) -> Bool {
    let first = MessageName(message).stem
    guard stem.hasPrefix(first) else { return false }
    let attempt = stem.dropFirst(first.count)
    return attempt.isEmpty || attempt.first == "-" && Int(attempt.dropFirst()) != nil
  }

  /// The request's file that an answer or a mark belongs to; nil for any other file.
  package static func request(behind file: String) -> String? {
    for ending in [startedEnding, answerEnding] where file.hasSuffix(ending) {
      return String(file.dropLast(ending.count)) + requestEnding
    }
    return nil
  }
}

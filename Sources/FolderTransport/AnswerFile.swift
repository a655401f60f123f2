import FederationProtocol
import Foundation
import Foundations

/// An answer on disk: a mark, the SHA-256 of the request, that of the answer, and the answer.
///
/// A file that is still being copied shows, and so does the answer to another request under this one's name.
package enum AnswerFile {
  package enum Content: Equatable {
    case whole([UInt8])
    /// Cut or changed; says what was found.
    case notWhole(String)
    /// Answers the request whose digest begins so.
    case foreign(String)
  }

  private static let mark = Data("segfed answer 1\n".utf8)
  private static let digestSize = 32
  package static let headSize = mark.count + 2 * digestSize

  package static func data(_ answer: [UInt8], to request: [UInt8]) -> Data {
    mark + Digest.sha256(request) + Digest.sha256(answer) + answer
  }

  /// What a file holds for a request with this SHA-256.
  package static func content(_ file: Data, digest: [UInt8]) -> Content {
    guard file.count > headSize, file.prefix(mark.count) == mark else {
      return .notWhole("\(file.count) bytes that are no answer")
    }
    let digests = [UInt8](file.dropFirst(mark.count).prefix(2 * digestSize))
    let answer = [UInt8](file.dropFirst(headSize))
    guard Array(digests[digestSize...]) == Digest.sha256(answer) else {
      return .notWhole("\(answer.count) bytes of another SHA-256")
    }
    let request = Array(digests[..<digestSize])
    return request == digest ? .whole(answer) : .foreign(short(request))
  }

  package static func short(_ digest: [UInt8]) -> String { String(Digest.hex(digest).prefix(16)) }

  /// Whether an answer that was there before may be taken again: a refusal is asked for anew.
  package static func isReusable(_ content: Content) -> Bool {
    guard case .whole(let answer) = content, let header = EnvelopeHeader(answer) else { return false }
    return header.isWhole && header.kind != .refusal
  }
}

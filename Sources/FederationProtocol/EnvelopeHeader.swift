import Foundation
import Foundations
import SwiftProtobuf

/// What stands on an envelope: enough for a transport to name and sort messages, without believing any of it.
package struct EnvelopeHeader: Sendable, Equatable {
  package let runID: String
  package let round: Int
  package let kind: WireKind
  /// Whether the payload is the one that was sealed.
  package let isWhole: Bool

  /// nil for bytes that are no envelope.
  package init?(_ message: [UInt8]) {
    guard !message.isEmpty, let envelope = try? WireEnvelope(serializedBytes: message) else { return nil }
    runID = envelope.runID
    round = Int(envelope.round)
    kind = envelope.kind
    isWhole = Array(envelope.payloadSha256) == Digest.sha256(envelope.payload)
  }
}

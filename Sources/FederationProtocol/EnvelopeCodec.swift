import Foundation
import Foundations
import SwiftProtobuf

/// What both ends of a run must agree on before a byte of weights is believed.
package struct RunIdentity: Sendable, Equatable {
  package let runID: String
  /// SHA-256 of the plan's canonical form, 32 bytes.
  package let planDigest: [UInt8]
  /// SHA-256 of the study's canonical form, 32 bytes.
  package let studyDigest: [UInt8]

  package init(runID: String, planDigest: [UInt8], studyDigest: [UInt8]) {
    self.runID = runID
    self.planDigest = planDigest
    self.studyDigest = studyDigest
  }
}

/// Seals payloads into envelopes of one run and one site, and opens envelopes only if all of it fits.
package struct EnvelopeCodec: Sendable {
  /// The version that this release writes and reads.
  package static let protocolVersion: UInt32 = 1

  package let identity: RunIdentity
  package let site: String

  package init(identity: RunIdentity, site: String) {
    self.identity = identity
    self.site = site
  }

  /// The envelope's bytes, with the payload's digest. `round` is 0 before the first round.
  package func seal<Payload: WirePayload>(_ payload: Payload, round: Int) throws -> [UInt8] {
    precondition(round >= 0, "round \(round) is negative")
    let bytes: Data
    let sealed: [UInt8]
    do {
      bytes = try payload.serializedBytes()
      var envelope = WireEnvelope()
      envelope.protocolVersion = Self.protocolVersion
      envelope.runID = identity.runID
      envelope.planDigest = Data(identity.planDigest)
      envelope.studyDigest = Data(identity.studyDigest)
      envelope.round = UInt32(round)
      envelope.site = site
      envelope.kind = Payload.kind
      envelope.payload = bytes
      envelope.payloadSha256 = Data(Digest.sha256(bytes))
      sealed = try envelope.serializedBytes()
    } catch {
      throw ProtocolError.undecodable(site: site, round: round, reason: "\(error)")
    }
    return sealed
  }

  /// The payload of an answer to a request of `round`.
  ///
  /// Throws `ProtocolError.refused`, `.stateLost` or `.modelLost` for a refusal, `.mismatch` for any field that does not fit and
  /// `.undecodable` for bytes that are no envelope.
  package func open<Payload: WirePayload>(
    _ message: [UInt8], as type: Payload.Type, round: Int
  ) throws -> Payload {
    let envelope = try checkedEnvelope(message, round: round)
    if envelope.kind == .refusal, Payload.kind != .refusal {
      let refusal: WireRefusal = try payload(of: envelope, round: round)
      let reason = Self.printable(refusal.reason)
      if refusal.code == .stateLost {
        throw ProtocolError.stateLost(site: site, round: round, reason: reason)
      }
      if refusal.code == .modelLost {
        throw ProtocolError.modelLost(site: site, round: round, reason: reason)
      }
      throw ProtocolError.refused(
        site: site, round: round, interrupted: refusal.code == .interrupted, reason: reason)
    }
    guard envelope.kind == Payload.kind else {
      throw mismatch(.kind, round, envelope.kind.label, Payload.kind.label)
    }
    return try payload(of: envelope, round: round)
  }

  /// What a site is asked for. The round is taken from the envelope.
  ///
  /// Throws like `open`; an envelope that holds no request is a mismatch of its kind.
  package func openRequest(_ message: [UInt8]) throws -> (round: Int, request: SiteRequest) {
    let envelope = try checkedEnvelope(message, round: nil)
    let round = Int(envelope.round)
    switch envelope.kind {
    case .describeRequest: return (round, .describe)
    case .trainRequest: return (round, .train(try payload(of: envelope, round: round)))
    case .evaluateRequest: return (round, .evaluate(try payload(of: envelope, round: round)))
    case .landmarksRequest: return (round, .landmarks(try payload(of: envelope, round: round)))
    case .atlasNotice: return (round, .atlas(try payload(of: envelope, round: round)))
    case .fingerprintRequest: return (round, .fingerprint(try payload(of: envelope, round: round)))
    case .sizesRequest: return (round, .sizes(try payload(of: envelope, round: round)))
    default: throw mismatch(.kind, round, envelope.kind.label, "a request")
    }
  }

  private func checkedEnvelope(_ message: [UInt8], round: Int?) throws -> WireEnvelope {
    let envelope: WireEnvelope
    do {
      envelope = try WireEnvelope(serializedBytes: message)
    } catch {
      throw ProtocolError.undecodable(
        site: site, round: round ?? 0, reason: "its \(message.count) bytes are no whole message")
    }
    let shown = round ?? Int(envelope.round)
    guard envelope.protocolVersion == Self.protocolVersion else {
      throw mismatch(.protocolVersion, shown, "\(envelope.protocolVersion)", "\(Self.protocolVersion)")
    }
    guard envelope.runID == identity.runID else {
      throw mismatch(.runID, shown, quoted(envelope.runID), quoted(identity.runID))
    }
    try checkDigest(envelope.planDigest, identity.planDigest, .planDigest, shown)
    try checkDigest(envelope.studyDigest, identity.studyDigest, .studyDigest, shown)
    if let round, Int(envelope.round) != round {
      throw mismatch(.round, round, "\(envelope.round)", "\(round)")
    }
    guard envelope.site == site else {
      throw mismatch(.site, shown, quoted(envelope.site), quoted(site))
    }
    try checkDigest(envelope.payloadSha256, Digest.sha256(envelope.payload), .payloadDigest, shown)
    return envelope
  }

  private func payload<Payload: WirePayload>(of envelope: WireEnvelope, round: Int) throws -> Payload {
    do {
      return try Payload(serializedBytes: envelope.payload)
    } catch {
      throw ProtocolError.undecodable(
        site: site, round: round, reason: "its \(envelope.payload.count) bytes are no \(Payload.kind.label)")
    }
  }

  private func checkDigest(
    _ found: Data, _ expected: [UInt8], _ field: ProtocolError.Field, _ round: Int
  ) throws {
    if Array(found) == expected { return }
    throw mismatch(field, round, short(Array(found)), short(expected))
  }

  private func mismatch(
    _ field: ProtocolError.Field, _ round: Int, _ found: String, _ expected: String
  ) -> ProtocolError {
    .mismatch(site: site, round: round, field: field, found: found, expected: expected)
  }

  private func short(_ digest: [UInt8]) -> String {
    digest.isEmpty ? "missing" : String(Digest.hex(digest).prefix(16)) + "…"
  }

  private func quoted(_ text: String) -> String { "\"\(Self.printable(text))\"" }

  /// Text from the other side, without control characters and cut to a line's length.
  private static func printable(_ text: String) -> String {
    let clean = text.unicodeScalars.filter { $0.properties.generalCategory != .control }
    return String(String(String.UnicodeScalarView(clean)).prefix(400))
  }
}

/// A request as a site receives it.
package enum SiteRequest: Sendable {
  case describe
  case train(WireTrainRequest)
  case evaluate(WireEvaluateRequest)
  case landmarks(WireLandmarksRequest)
  case atlas(WireAtlasNotice)
  case fingerprint(WireFingerprintRequest)
  case sizes(WireSizesRequest)
}

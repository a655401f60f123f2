import SwiftProtobuf

/// A message that travels as an envelope's payload; its type says the envelope's kind.
package protocol WirePayload: SwiftProtobuf.Message {
  static var kind: WireKind { get }
}

extension WireDescribeRequest: WirePayload { package static var kind: WireKind { .describeRequest } }
extension WireSiteDescription: WirePayload { package static var kind: WireKind { .siteDescription } }
extension WireTrainRequest: WirePayload { package static var kind: WireKind { .trainRequest } }
extension WireModelUpdate: WirePayload { package static var kind: WireKind { .modelUpdate } }
extension WireEvaluateRequest: WirePayload { package static var kind: WireKind { .evaluateRequest } }
extension WireEvaluation: WirePayload { package static var kind: WireKind { .evaluation } }
extension WireRefusal: WirePayload { package static var kind: WireKind { .refusal } }
extension WireLandmarksRequest: WirePayload { package static var kind: WireKind { .landmarksRequest } }
extension WireSiteLandmarks: WirePayload { package static var kind: WireKind { .siteLandmarks } }
extension WireAtlasNotice: WirePayload { package static var kind: WireKind { .atlasNotice } }
extension WireAtlasAccepted: WirePayload { package static var kind: WireKind { .atlasAccepted } }
extension WireFingerprintRequest: WirePayload { package static var kind: WireKind { .fingerprintRequest } }
extension WireSiteFingerprint: WirePayload { package static var kind: WireKind { .siteFingerprint } }
extension WireSizesRequest: WirePayload { package static var kind: WireKind { .sizesRequest } }
extension WireSiteSizes: WirePayload { package static var kind: WireKind { .siteSizes } }

extension WireRefusal {
  /// A refusal with a reason that a person can act on; it must not name a case.
  package init(_ reason: String, code: WireRefusalCode = .cannotServe) {
    self.init()
    self.code = code
    self.reason = reason
  }
}

extension WireKind {
  /// The name in journals and messages, as the .proto file spells it but in lower case.
  package var label: String {
    switch self {
    case .unspecified: "unspecified"
    case .describeRequest: "describe_request"
    case .siteDescription: "site_description"
    case .trainRequest: "train_request"
    case .modelUpdate: "model_update"
    case .evaluateRequest: "evaluate_request"
    case .evaluation: "evaluation"
    case .refusal: "refusal"
    case .landmarksRequest: "landmarks_request"
    case .siteLandmarks: "site_landmarks"
    case .atlasNotice: "atlas_notice"
    case .atlasAccepted: "atlas_accepted"
    case .fingerprintRequest: "fingerprint_request"
    case .siteFingerprint: "site_fingerprint"
    case .sizesRequest: "sizes_request"
    case .siteSizes: "site_sizes"
    case .UNRECOGNIZED(let number): "unknown_\(number)"
    }
  }
}

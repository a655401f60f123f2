import Foundations

/// What can be wrong with a message between the coordinator and a site.
package enum ProtocolError: DescribedError {
  /// A field holds something else than this run, this round or this model asks for.
  case mismatch(site: String, round: Int, field: Field, found: String, expected: String)
  /// The bytes are no message of the protocol.
  case undecodable(site: String, round: Int, reason: String)
  /// The site answered that it does not serve the request.
  case refused(site: String, round: Int, interrupted: Bool, reason: String)
  /// The site cannot go on with this round: what it would go on from is gone, an earlier round's may be there.
  case stateLost(site: String, round: Int, reason: String)
  /// The site has not the model that the request builds on; it can be sent whole.
  case modelLost(site: String, round: Int, reason: String)

  /// The fields that are checked.
  package enum Field: String, Sendable {
    case protocolVersion = "protocol_version"
    case runID = "run_id"
    case planDigest = "plan_digest"
    case studyDigest = "study_digest"
    case round
    case site
    case kind
    case payloadDigest = "payload_sha256"
    case encoding, codec
    case weightsDigest = "weights digest"
    case tensorNames = "tensor names"
    case tensorShape = "tensor shape"
    case byteCount = "weight bytes"
    case values = "weight values"
    case cases
    case scanBytes = "scan_bytes"
    case steps
    case loss = "mean_loss"
    case seconds
    case voxels
    case startLoss = "start_loss"
    case normaliser
    case part
    case regions
    case contrasts
    case landmarks
    case statistics
  }

  package var description: String {
    switch self {
    case .mismatch(let site, let round, let field, let found, let expected):
      "Site \(site), round \(round): \(field.rawValue) is \(found), expected \(expected). \(advice(field))"
    case .undecodable(let site, let round, let reason):
      "Site \(site), round \(round): the message cannot be decoded (\(reason)). "
        + "It was cut or changed on the way: send it again."
    case .refused(let site, let round, true, _):
      "Site \(site), round \(round): the site was asked to stop and did not finish. Start the run again."
    case .refused(let site, let round, false, let reason):
      "Site \(site), round \(round): the site does not serve the request: \(reason)"
    case .stateLost(let site, let round, let reason):
      "Site \(site), round \(round): the site cannot go on: \(reason)"
    case .modelLost(let site, let round, let reason):
      "Site \(site), round \(round): the model cannot be put together there: \(reason)"
    }
  }

  package var isStateLost: Bool {
    if case .stateLost = self { return true }
    return false
  }

  private func advice(_ field: Field) -> String {
    switch field {
    case .protocolVersion: "Use the same release of segfed on both sides."
    case .planDigest: "Give both sides the same plan file."
    case .studyDigest: "Give both sides the same study settings."
    case .runID, .round, .site, .kind:
      "The message belongs elsewhere: check which folder or host it came from."
    case .payloadDigest: "The message was changed on the way: send it again."
    case .encoding, .codec, .tensorNames, .tensorShape, .byteCount:
      "Both sides must build the same network: compare their plans and releases."
    case .weightsDigest: "The two machines decode differently, or memory is faulty: compare their releases."
    case .values, .loss: "Training diverged there or the memory is faulty: lower the learning rate."
    case .cases, .scanBytes, .steps, .seconds, .voxels, .startLoss, .normaliser, .part, .regions, .contrasts,
      .landmarks, .statistics:
      "The answer makes no sense: check that site's release of segfed."
    }
  }
}

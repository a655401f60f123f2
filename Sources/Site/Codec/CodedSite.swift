import FederationProtocol
import Foundation
import Foundations

/// A site's end of the codecs, in front of what runs there: opens models that come coded, codes updates.
///
/// Behind it everything is as without codecs. It keeps the last models, which the next are changes of, and what coding has lost of the
/// site's last update, which it adds to the next (error feedback, arXiv 1901.09847).
package actor CodedSite: WatchedConnection {
  package nonisolated let site: String
  private let base: any SiteConnection
  private let codec: EnvelopeCodec
  private let ranges: [TensorRange]
  private let seed: UInt64
  private let start: @Sendable () -> [Float]?
  private var models: RoundMemory
  private var residuals: RoundMemory

  /// `models` and `residuals` are this site's alone; `ranges` are the plan's, `seed` is the run's. `start` makes the model that the run
  /// begins with, where that follows from plan and seed.
  package init(
    _ base: any SiteConnection, identity: RunIdentity, ranges: [TensorRange], seed: UInt64,
    start: @escaping @Sendable () -> [Float]? = { nil }, models: RoundMemory = RoundMemory(),
    residuals: RoundMemory = RoundMemory()
  ) {
    site = base.site
    self.base = base
    codec = EnvelopeCodec(identity: identity, site: base.site)
    self.ranges = ranges
    self.seed = seed
    self.start = start
    self.models = models
    self.residuals = residuals
  }

  /// The same, keeping what it keeps in the folder of a site's checkpoints.
  package init(
    _ base: any SiteConnection, identity: RunIdentity, ranges: [TensorRange], seed: UInt64,
    start: @escaping @Sendable () -> [Float]? = { nil }, checkpoints folder: String,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.init(
      base, identity: identity, ranges: ranges, seed: seed, start: start,
      models: RoundMemory(folder: folder, owner: "model", runID: identity.runID, warn: warn),
      residuals: RoundMemory(folder: folder, owner: "residual", runID: identity.runID, warn: warn))
  }

  /// Why a request is not served.
  private struct Refused: Error {
    let refusal: WireRefusal

    init(_ reason: String, _ code: WireRefusalCode = .cannotServe) {
      refusal = WireRefusal(reason, code: code)
    }
  }

  /// A request's model, decoded.
  private struct OpenedModel {
    let values: [Float]
    let digest: Data
    /// Whether it is the one that was sent.
    let isRight: Bool
  }

  package func exchange(
    _ message: [UInt8], started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    let (round, request) = try codec.openRequest(message)
    do {
      switch request {
      case .train(let request) where request.model.encoding != .float32 || !request.updateCodec.isEmpty:
        return try await train(request, round: round, started)
      case .evaluate(let request) where request.model.encoding != .float32:
        return try await evaluate(request, round: round, started)
      default: return try await base.exchange(message, started: started)
      }
    } catch let refused as Refused {
      return try codec.seal(refused.refusal, round: round)
    } catch let error as CodecError {
      return try codec.seal(WireRefusal(error.description), round: round)
    }
  }

  private func evaluate(
    _ request: WireEvaluateRequest, round: Int, _ started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    var plain = request
    let model = try model(request.model, round: round, index: round)
    var evaluation = WireEvaluation()
    if model.isRight {
      plain.model = WireWeights(ranges: ranges, values: model.values)
      let answer = try await base.exchange(try codec.seal(plain, round: round), started: started)
      guard let opened = try opened(answer, as: WireEvaluation.self, round: round) else { return answer }
      evaluation = opened
    }
    evaluation.modelDigest = model.digest
    return try codec.seal(evaluation, round: round)
  }

  private func train(
    _ request: WireTrainRequest, round: Int, _ started: @escaping @Sendable () -> Void
  ) async throws -> [UInt8] {
    guard round > 0 else { throw Refused("it cannot train before the first round") }
    let model = try model(request.model, round: round, index: round - 1)
    var update = WireModelUpdate()
    if model.isRight {
      let chain = try CodecChain(
        request.updateCodec.isEmpty ? CodecChain.plain.description : request.updateCodec)
      // Asked for before hours of training: without it the update could not be coded.
      let residual = try residual(chain, request)
      let answer = try await base.exchange(
        try codec.seal(plain(request, model, round: round), round: round), started: started)
      guard let opened = try opened(answer, as: WireModelUpdate.self, round: round) else { return answer }
      update = opened
      if !chain.isPlain && !request.fineTune { try code(&update, chain, residual, request, round: round) }
    }
    if request.model.encoding != .float32 { update.modelDigest = model.digest }
    return try codec.seal(update, round: round)
  }

  /// The request as what is behind understands it.
  private func plain(
    _ request: WireTrainRequest, _ model: OpenedModel, round: Int
  ) throws -> WireTrainRequest {
    var plain = request
    plain.model = WireWeights(ranges: ranges, values: model.values)
    plain.updateCodec = ""
    if request.rule.control.encoding == .coded {
      let control = try request.rule.control.numbers(ranges, downContext(round, .control), site: site)
      plain.rule.control = WireWeights(ranges: ranges, values: control)
    }
    return plain
  }

  /// Codes the update's weights and, behind them, control variates; keeps what that loses.
  private func code(
    _ update: inout WireModelUpdate, _ chain: CodecChain, _ residual: [Float]?, _ request: WireTrainRequest,
    round: Int
  ) throws {
    var kept: [Float] = []
    func coded(_ wire: WireWeights, _ chain: CodecChain, _ part: CodecContext.Part) throws -> WireWeights {
      var values = try finite(wire, round: round)
      if let residual { for index in values.indices { values[index] += residual[kept.count + index] } }
      let context = CodecContext(seed: seed, site: site, round: round, part: part)
      let (wire, coded) = WireWeights.coding(values, WeightsCoder(chain, ranges: ranges, context: context))
      kept += zip(values, coded.values).map { $0 - $1 }
      return wire
    }
    update.delta = try coded(update.delta, chain, .weights)
    if update.hasControlDelta {
      update.controlDelta = try coded(update.controlDelta, chain.ofControls, .control)
    }
    guard chain.isLossy else { return }
    // A layer of the site's own is sent as its distance from the model anew each time: what was lost of it is in the next anyway.
    forget(request.rule.personal, in: &kept)
    guard kept.allSatisfy({ $0.isFinite }) else {
      throw Refused("it cannot code its update: it is too large")
    }
    try residuals.keep(kept, of: round, needed: Int(request.lastRound))
  }

  private func forget(_ personal: [String], in residual: inout [Float]) {
    if personal.isEmpty { return }
    let names = Set(personal)
    var offset = 0
    for range in ranges {
      if names.contains(range.name) {
        for index in offset..<offset + range.count { residual[index] = 0 }
      }
      offset += range.count
    }
  }

  /// Of what comes from the coordinator.
  private func downContext(_ round: Int, _ part: CodecContext.Part) -> CodecContext {
    CodecContext(seed: seed, round: round, part: part)
  }

  /// What runs here may have diverged: numbers that are not finite cannot be coded.
  private func finite(_ wire: WireWeights, round: Int) throws -> [Float] {
    do {
      return try wire.values(expecting: ranges, site: site, round: round)
    } catch let error as ProtocolError {
      throw Refused("it cannot code its update: \(error.description)")
    }
  }

  /// What coding has lost by the end of the last round that counts; nil: nothing.
  private func residual(_ chain: CodecChain, _ request: WireTrainRequest) throws -> [Float]? {
    guard chain.isLossy, !request.fineTune, request.lastRound > 0 else { return nil }
    let parts = request.rule.correction == .scaffold ? 2 : 1
    if let found = try residuals.values(of: Int(request.lastRound), count: parts * size) { return found }
    throw Refused("what coding lost in round \(request.lastRound) is gone", .stateLost)
  }

  private var size: Int { ranges.reduce(0) { $0 + $1.count } }

  /// The weights that a request's model is; they are kept as those behind round `index`.
  private func model(_ wire: WireWeights, round: Int, index: Int) throws -> OpenedModel {
    func held(_ digest: Data) throws -> [Float] {
      if let found = try models.values(digest: Array(digest), count: size) { return found }
      if let start = start(), WireWeights.digest(start) == digest { return start }
      throw Refused("it has not the model that the request builds on", .modelLost)
    }
    switch wire.encoding {
    case .float32:
      let values = try wire.values(expecting: ranges, site: site, round: round)
      return OpenedModel(values: values, digest: wire.digest, isRight: true)
    case .held: return OpenedModel(values: try held(wire.digest), digest: wire.digest, isRight: true)
    default:
      var values = try wire.numbers(ranges, downContext(round, .weights), site: site)
      if !wire.base.isEmpty { values = zip(try held(wire.base), values).map { $0 + $1 } }
      let digest = WireWeights.digest(values)
      // Whatever went wrong with a change, the whole may come right. Of a whole that does not, the coordinator is told at once.
      if digest != wire.digest && !wire.base.isEmpty {
        throw Refused("the change does not decode", .modelLost)
      }
      if digest == wire.digest { try models.keep(values, of: index) }
      return OpenedModel(values: values, digest: digest, isRight: digest == wire.digest)
    }
  }

  /// An answer of what is behind; nil for a refusal, which is passed on as it is.
  private func opened<Answer: WirePayload>(
    _ answer: [UInt8], as type: Answer.Type, round: Int
  ) throws -> Answer? {
    do {
      return try codec.open(answer, as: type, round: round)
    } catch ProtocolError.refused, ProtocolError.stateLost {
      return nil
    }
  }
}

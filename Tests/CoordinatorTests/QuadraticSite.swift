import FederationProtocol
import Foundation
import Synchronization

let quadraticRanges = [
  TensorRange(name: "w", shape: [2]), TensorRange(name: "b", shape: [1]),
]

/// What a site keeps from round to round.
final class SiteMemory: Sendable {
  struct State {
    var control: [Float] = [0, 0, 0]
    var personal: [Float]?
  }

  private let states = Mutex<[Int: State]>([:])

  func state(after round: Int) -> State { states.withLock { $0[round] ?? State() } }

  func keep(_ state: State, after round: Int) { states.withLock { $0[round] = state } }
}

/// A site whose loss is ½‖w − centre‖²: gradient descent on it has a closed form, also with FedProx's term.
struct QuadraticSite: SiteConnection {
  let site: String
  let centre: [Float]
  var cases = 1
  var rate: Float = 0.1
  var identity: RunIdentity
  var validationCases = 2
  var scanBytes: UInt64 = 1000
  /// Changes an update or evaluation before it is sealed.
  var tamperUpdate: @Sendable (inout WireModelUpdate) -> Void = { _ in }
  var tamperEvaluation: @Sendable (inout WireEvaluation) -> Void = { _ in }
  /// Changes the sealed answer to a request of training.
  var tamperMessage: @Sendable (inout WireEnvelope) -> Void = { _ in }
  var interruptsInRound: Int?
  var log = MessageLog()
  let memory = SiteMemory()

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let codec = EnvelopeCodec(identity: identity, site: site)
    let (round, request) = try codec.openRequest(message)
    var answer: [UInt8]
    switch request {
    case .describe:
      var description = WireSiteDescription()
      description.cases.training = UInt32(cases)
      description.cases.validation = UInt32(validationCases)
      description.cases.test = 3
      description.contrasts = ["x"]
      description.scanBytesOnDisk = scanBytes
      description.scanBytesUncompressed = 4000
      answer = try codec.seal(description, round: round)
    case .train(let request):
      if interruptsInRound == round {
        answer = try codec.seal(WireRefusal("stop", code: .interrupted), round: round)
      } else {
        let update = try train(request, round: round)
        var envelope = try WireEnvelope(serializedBytes: try codec.seal(update, round: round))
        tamperMessage(&envelope)
        answer = try envelope.serializedBytes()
      }
    case .evaluate(let request):
      answer = try codec.seal(try evaluate(request, round: round), round: round)
    case .landmarks, .atlas, .fingerprint, .sizes:
      answer = try codec.seal(WireRefusal("it has no scans"), round: round)
    }
    log.add(site: site, round: round, request: request, down: message.count, up: answer.count)
    return answer
  }

  /// Gradient descent as each strategy's paper has it, written by itself here.
  private func train(_ request: WireTrainRequest, round: Int) throws -> WireModelUpdate {
    let sent = try request.model.values(expecting: quadraticRanges, site: site, round: round)
    let rule = request.rule
    let steps = request.localEpochs > 0 ? Int(request.localEpochs) * cases : Int(request.localSteps)
    let kept = request.lastRound == 0 ? SiteMemory.State() : memory.state(after: Int(request.lastRound))
    var start = sent
    if rule.personal.contains("b"), let own = kept.personal { start[2] = own[2] }
    let control =
      rule.correction == .scaffold
      ? try rule.control.values(expecting: quadraticRanges, site: site, round: round) : [0, 0, 0]
    func descend(from first: [Float], pull: Double, to anchor: [Float], _ term: (Int) -> Float) -> [Float] {
      var weights = first
      for _ in 0..<steps {
        for index in weights.indices {
          let gradient = weights[index] - centre[index] + Float(pull) * (weights[index] - anchor[index])
          weights[index] -= rate * (gradient + term(index))
        }
      }
      return weights
    }
    let weights = descend(from: start, pull: rule.proximal, to: start) { index in
      switch rule.correction {
      case .scaffold: control[index] - kept.control[index]
      case .feddyn: -kept.control[index]
      default: 0
      }
    }
    var next = SiteMemory.State(control: kept.control, personal: weights)
    var update = WireModelUpdate()
    update.delta = WireWeights(ranges: quadraticRanges, values: zip(weights, sent).map { $0 - $1 })
    if rule.correction == .scaffold {
      next.control = start.indices.map {
        kept.control[$0] - control[$0] + (start[$0] - weights[$0]) / (Float(steps) * rate)
      }
      update.controlDelta = WireWeights(
        ranges: quadraticRanges, values: zip(next.control, kept.control).map { $0 - $1 })
    } else if rule.correction == .feddyn {
      next.control = start.indices.map { kept.control[$0] - Float(rule.proximal) * (weights[$0] - start[$0]) }
    }
    if rule.hasDitto {
      next.personal = descend(from: kept.personal ?? sent, pull: rule.ditto, to: sent) { _ in 0 }
    }
    memory.keep(next, after: round)
    update.cases = UInt64(cases)
    update.voxels = 1000 * update.cases
    update.steps = UInt64(steps)
    update.meanLoss = 0.5
    if rule.normaliser { update.normaliser = Double(steps) }
    if rule.startLoss {
      update.startLoss = zip(start, centre).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) / 2 }
    }
    tamperUpdate(&update)
    return update
  }

  /// "Dice" 1 / (1 + squared distance) for region near, half of it for far.
  private func evaluate(_ request: WireEvaluateRequest, round: Int) throws -> WireEvaluation {
    let weights = try request.model.values(expecting: quadraticRanges, site: site, round: round)
    let distance = zip(weights, centre).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) }
    var evaluation = WireEvaluation()
    evaluation.part = request.part
    evaluation.cases =
      request.everyCase
      ? UInt32(cases + validationCases + 3) : request.part == .validation ? UInt32(validationCases) : 3
    for (name, factor) in [("near", 1.0), ("far", 0.5)] where evaluation.cases > 0 {
      var score = WireRegionScore()
      score.region = name
      score.cases = evaluation.cases
      score.mean = factor / (1 + distance)
      score.minimum = score.mean / 2
      evaluation.regions.append(score)
    }
    tamperEvaluation(&evaluation)
    return evaluation
  }
}

/// What a site saw, for tests of order and of bandwidth.
final class MessageLog: Sendable {
  struct Entry: Equatable {
    let site: String
    let round: Int
    let kind: String
    let down: Int
    let up: Int
  }

  private let list = Mutex<[Entry]>([])

  var entries: [Entry] { list.withLock { $0 } }

  func add(site: String, round: Int, request: SiteRequest, down: Int, up: Int) {
    let kind =
      switch request {
      case .describe: "describe"
      case .train: "train"
      case .evaluate(let request): request.part == .test ? "test" : "validate"
      case .landmarks: "landmarks"
      case .fingerprint: "fingerprint"
      case .sizes: "sizes"
      case .atlas: "atlas"
      }
    add(site: site, round: round, kind: kind, down: down, up: up)
  }

  func add(site: String, round: Int, kind: String, down: Int, up: Int) {
    list.withLock { $0.append(Entry(site: site, round: round, kind: kind, down: down, up: up)) }
  }
}

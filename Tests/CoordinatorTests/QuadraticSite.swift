import FederationProtocol
import Foundation
import Synchronization

let quadraticRanges = [
  TensorRange(name: "w", shape: [2]), TensorRange(name: "b", shape: [1]),
]

/// A site whose loss is ½‖w − centre‖²: gradient descent on it has a closed form, also with FedProx's term.
struct QuadraticSite: SiteConnection {
  let site: String
  let centre: [Float]
  var cases = 1
  var rate: Float = 0.1
  var identity: RunIdentity
  var validationCases = 2
  /// Changes an update or evaluation before it is sealed.
  var tamperUpdate: @Sendable (inout WireModelUpdate) -> Void = { _ in }
  var tamperEvaluation: @Sendable (inout WireEvaluation) -> Void = { _ in }
  /// Changes the sealed answer to a request of training.
  var tamperMessage: @Sendable (inout WireEnvelope) -> Void = { _ in }
  var interruptsInRound: Int?
  var log = MessageLog()

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
      description.scanBytesOnDisk = 1000
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

  private func train(_ request: WireTrainRequest, round: Int) throws -> WireModelUpdate {
    let start = try request.model.values(expecting: quadraticRanges, site: site, round: round)
    var weights = start
    for _ in 0..<request.localSteps {
      for index in weights.indices {
        let pull = Float(request.rule.proximal) * (weights[index] - start[index])
        weights[index] -= rate * (weights[index] - centre[index] + pull)
      }
    }
    var update = WireModelUpdate()
    update.delta = WireWeights(ranges: quadraticRanges, values: zip(weights, start).map { $0 - $1 })
    update.cases = UInt64(cases)
    update.steps = UInt64(request.localSteps)
    update.meanLoss = 0.5
    tamperUpdate(&update)
    return update
  }

  /// "Dice" 1 / (1 + squared distance) for region near, half of it for far.
  private func evaluate(_ request: WireEvaluateRequest, round: Int) throws -> WireEvaluation {
    let weights = try request.model.values(expecting: quadraticRanges, site: site, round: round)
    let distance = zip(weights, centre).reduce(0.0) { $0 + pow(Double($1.0 - $1.1), 2) }
    var evaluation = WireEvaluation()
    evaluation.part = request.part
    evaluation.cases = request.part == .validation ? UInt32(validationCases) : request.everyCase ? 8 : 3
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
    list.withLock { $0.append(Entry(site: site, round: round, kind: kind, down: down, up: up)) }
  }
}

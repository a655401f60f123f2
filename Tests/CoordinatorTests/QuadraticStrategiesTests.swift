import Coordinator
import FederationProtocol
import Foundation
import Synchronization
import TestSupport
import Testing

/// Whole federations on quadratics: each round's model is that of the paper's algorithm in NumPy, and the last one's is known.
struct QuadraticStrategiesTests {
  /// FedBN looks for names of normalisation layers, which the quadratic has none of: this one keeps its last parameter.
  struct LastAtHome: SummingStrategy {
    static let descriptor = StrategyDescriptor(name: "fedbn", summary: "", paper: "", isPersonal: true)
    init(_ parameters: StrategyParameters) {}
    init() {}
    func localRule(_ ranges: [TensorRange], state: [ServerBuffer]) -> WireLocalRule? {
      .with { $0.personal = ["b"] }
    }
    func apply(_ round: RoundSum, to model: [Float], state: inout [ServerBuffer]) -> [Float] {
      FederatedAveraging().apply(round, to: model, state: &state)
    }
  }

  private func models(
    _ strategy: any AggregationStrategy, rounds: Int, budget: LocalBudget = .steps(5)
  ) async throws -> [[Float]] {
    var settings = testSettings(rounds: rounds)
    settings.budget = budget
    let log = ModelLog()
    let sites = testSites().map { LoggingSite(base: $0, log: log) }
    let result = try await Federation(
      settings: settings, strategy: strategy, trainers: sites, evaluators: [], initialModel: startModel,
      folder: nil, shouldStop: { false }
    ).run()
    return log.validated + [result.model.values]
  }

  @Test(
    .enabled(if: PythonReference.isWanted, PythonReference.skipMessage),
    arguments: [
      "fedavg", "fedprox:mu=0.5", "scaffold", "scaffold:eta=0.5", "fednova", "feddyn:alpha=0.3",
      "feddyn:alpha=2", "qfedavg:q=1,lipschitz=0.5", "qfedavg:q=0", "qfedavg:q=2.5,lipschitz=0.1", "ditto",
      "cyclic", "fedbn",
    ])
  func followThePapersAlgorithm(text: String) async throws {
    let rounds = 7
    let strategy: any AggregationStrategy
    var words: [String] = []
    if text == "fedbn" {
      strategy = LastAtHome()
    } else {
      let choice = try StrategyChoice(text)
      strategy = choice.make()
      words = choice.description.split(separator: ":").dropFirst().joined().split(separator: ",").map(
        String.init)
    }
    let name = String(text.split(separator: ":")[0])
    let sites = testSites()
    var input = sites.map { Double($0.cases) } + startModel.values.map { Double($0) }
    input += sites.flatMap { $0.centre.map { Double($0) } }
    let steps = name == "fednova" ? 1 : 5
    let output = try PythonReference.run(
      script: "quadratic_federation.py",
      arguments: [name, "\(rounds)", "\(steps)", "0.1", "3", "3"] + words,
      input: input.withUnsafeBytes { Data($0) })
    let expected = String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { Double($0) }
    try #require(expected.count == rounds * 3)
    let models = try await models(
      strategy, rounds: rounds, budget: name == "fednova" ? .epochs(1) : .steps(5))
    try #require(models.count == rounds)
    for (round, model) in models.enumerated() {
      for (index, value) in model.enumerated() {
        let wanted = expected[3 * round + index]
        #expect(abs(Double(value) - wanted) < 1e-5 * max(1, abs(wanted)), "round \(round + 1), \(index)")
      }
    }
  }

  /// SCAFFOLD and FedDyn come to the minimum of the mean of the losses, which is the plain mean of the centres, where federated
  /// averaging with unequal steps does not; FedNova to the mean weighted by cases, whatever steps each takes.
  @Test(arguments: ["scaffold", "feddyn:alpha=0.5"])
  func comeToThePlainMean(text: String) async throws {
    let model = try #require(try await models(StrategyChoice(text).make(), rounds: 300).last)
    for index in 0..<3 {
      let centre = testSites().reduce(0.0) { $0 + Double($1.centre[index]) } / 3
      #expect(abs(Double(model[index]) - centre) < 1e-3)
    }
  }

  /// With q the sites' losses come closer to each other.
  @Test func qEvensLossesOut() async throws {
    func spread(_ text: String) async throws -> Double {
      let model = try #require(try await models(StrategyChoice(text).make(), rounds: 400).last)
      let losses = testSites().map { site in
        zip(model, site.centre).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) / 2 }
      }
      return losses.max()! - losses.min()!
    }
    let (plain, even) = (try await spread("qfedavg:q=0"), try await spread("qfedavg:q=3,lipschitz=0.1"))
    #expect(even < 0.8 * plain, "\(even), \(plain)")
  }
}

/// The models that a site is asked to validate.
final class ModelLog: Sendable {
  private let models = Mutex<[[Float]]>([])
  var validated: [[Float]] { models.withLock { $0.dropLast() } }
  func add(_ model: [Float]) { models.withLock { $0.append(model) } }
}

struct LoggingSite: SiteConnection {
  let base: QuadraticSite
  let log: ModelLog
  var site: String { base.site }

  func exchange(_ message: [UInt8]) async throws -> [UInt8] {
    let codec = EnvelopeCodec(identity: base.identity, site: site)
    if site == "Alpha", case (let round, .evaluate(let request)) = try codec.openRequest(message) {
      log.add(try request.model.values(expecting: quadraticRanges, site: site, round: round))
    }
    return try await base.exchange(message)
  }
}

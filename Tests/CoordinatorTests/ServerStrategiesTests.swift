import Coordinator
import Foundation
import Foundations
import TestSupport
import Testing

/// Strategies whose rule stands at the server, against their papers' rules in NumPy and on quadratics.
struct ServerStrategiesTests {
  private static let choices = [
    "fedavg", "fedavgm", "fedavgm:beta=0.5,eta=0.7",
    "fedadam", "fedadam:eta=0.1,beta1=0.5,beta2=0.9,tau=0.01",
    "fedyogi", "fedyogi:eta=0.1,beta1=0.5,beta2=0.9,tau=0.01",
    "fedadagrad", "fedadagrad:eta=0.1,beta1=0,tau=0.1",
  ]
  private static let (sites, rounds, size) = (3, 6, 40)
  private static let weights = [5.0, 1, 11]

  private let start: [Float]
  /// By round and site.
  private let updates: [[[Float]]]

  init() {
    var stream = RandomStream(seed: 3, purpose: .test)
    start = (0..<Self.size).map { _ in Float(stream.normal()) }
    updates = (0..<Self.rounds).map { _ in
      (0..<Self.sites).map { _ in
        // From far below τ to far above it; some are 0.
        (0..<Self.size).map { $0 % 7 == 0 ? 0 : Float(stream.normal() * pow(10, Double($0 % 5) - 4)) }
      }
    }
  }

  @Test(.enabled(if: PythonReference.isWanted, PythonReference.skipMessage), arguments: choices)
  func followThePapersRuleStepByStep(text: String) throws {
    try check(text, script: "strategies_reference.py")
  }

  /// Flower's own aggregation of the same updates, its parameters set equal.
  @Test(
    .enabled(
      if: PythonReference.flowerInterpreter != nil, "set SEGFED_FLOWER_PYTHON to a Python with Flower"),
    arguments: choices + ["fedprox:mu=0.1", "krum:hostile=0", "trimmedmean:trim=0.34", "median"])
  func agreeWithFlower(text: String) throws {
    try check(text, script: "flower_aggregate.py", interpreter: PythonReference.flowerInterpreter)
  }

  private func check(_ text: String, script: String, interpreter: String? = nil) throws {
    let choice = try StrategyChoice(text)
    let strategy = choice.make()
    let parts = choice.description.split(separator: ":")
    let values = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []
    var input = [Double(Self.sites), Double(Self.rounds), Double(Self.size)] + Self.weights
    input += start.map { Double($0) } + updates.joined().joined().map { Double($0) }
    let output = try PythonReference.run(
      script: script, arguments: [choice.descriptor.name] + values,
      input: input.withUnsafeBytes { Data($0) }, interpreter: interpreter)
    let expected = String(decoding: output, as: UTF8.self).split(separator: "\n").compactMap { Double($0) }
    #expect(expected.count == Self.rounds * Self.size)

    var model = start
    var state = strategy.initialState(count: Self.size)
    for (number, updates) in updates.enumerated() {
      if let strategy = strategy as? any SummingStrategy {
        var sum = WeightedSum(count: Self.size)
        for (update, weight) in zip(updates, Self.weights) { sum.add(update, weight: weight) }
        let round = RoundSum(sum, sites: Self.sites)
        model = strategy.apply(round, to: model, state: &state)
      } else {
        let round = RobustRound(updates: updates, weights: Self.weights)
        model = zip(model, try round.select(text).step).map { $0 + $1 }
      }
      for index in 0..<Self.size {
        let wanted = expected[number * Self.size + index]
        #expect(abs(Double(model[index]) - wanted) < 1e-5 * max(1, abs(wanted)), "round \(number), \(index)")
      }
    }
  }

  /// Sites pull to centres of their own; all together minimise at the mean of the centres, weighted by cases.
  @Test(arguments: [
    "fedavg", "fedprox:mu=0.5", "fedavgm:beta=0.5", "fedadam:eta=0.1", "fedyogi:eta=0.1", "fedadagrad:eta=1",
  ])
  func comeToTheKnownAnswerOnQuadratics(text: String) async throws {
    let sites = testSites()
    let strategy = try StrategyChoice(text).make()
    let result = try await Federation(
      settings: testSettings(rounds: 400), strategy: strategy, trainers: sites, evaluators: [],
      initialModel: startModel, folder: nil, shouldStop: { false }
    ).run()
    let total = Double(sites.reduce(0) { $0 + $1.cases })
    for index in startModel.values.indices {
      let centre = sites.reduce(0.0) { $0 + Double($1.cases) * Double($1.centre[index]) } / total
      #expect(abs(Double(result.model.values[index]) - centre) < 0.01)
    }
  }

  /// K steps on ½‖w − c‖² + μ/2·‖w − w₀‖² come to w* + (1 − η(1 + μ))ᴷ·(w₀ − w*), w* = (c + μ·w₀) / (1 + μ).
  @Test(arguments: [0, 0.01, 0.5, 4])
  func proximalSitesFollowTheClosedForm(mu: Double) async throws {
    let sites = testSites()
    let result = try await Federation(
      settings: testSettings(rounds: 1), strategy: try StrategyChoice("fedprox:mu=\(mu)").make(),
      trainers: sites, evaluators: [], initialModel: startModel, folder: nil, shouldStop: { false }
    ).run()
    let total = Double(sites.reduce(0) { $0 + $1.cases })
    for index in startModel.values.indices {
      let start = Double(startModel.values[index])
      let mean = sites.reduce(0.0) { sum, site in
        let least = (Double(site.centre[index]) + mu * start) / (1 + mu)
        return sum + Double(site.cases) / total * (least + pow(1 - 0.1 * (1 + mu), 5) * (start - least))
      }
      #expect(abs(Double(result.model.values[index]) - mean) < 1e-5)
    }
  }

  /// Without momentum and with a rate of 1 it is plain averaging.
  @Test func momentumOfZeroIsAveraging() throws {
    var sum = WeightedSum(count: 2)
    sum.add([1, 10], weight: 3)
    sum.add([5, -2], weight: 1)
    var state = [ServerBuffer("velocity", count: 2)]
    let strategy = try #require(try StrategyChoice("fedavgm:beta=0").make() as? any SummingStrategy)
    #expect(strategy.apply(RoundSum(sum, sites: 2), to: [100, 200], state: &state) == [102, 207])
    #expect(state[0].values == [2, 7])
  }
}

import Foundations
import Tensor
import Testing
import Training

struct LocalRuleTests {
  private let plan: TrainingPlan
  private let trainer: Trainer
  private let start: [Float]

  init() {
    var plan = SampleCases.plan(patch: [8, 8, 8], oversampling: 0.5, labels: 2)
    plan.optimizer = .init(name: .sgd, learningRate: 0.05, weightDecay: 0, momentum: 0)
    self.plan = plan
    var stream = RandomStream(seed: 2, purpose: .test)
    let targets = (0..<12 * 12 * 12).map { UInt8($0 / 144 < 6 ? 0 : 1) }
    let image = targets.map { Float($0) + Float(0.3 * stream.normal()) }
    let cases = [
      TrainingCase(
        size: SIMD3(12, 12, 12), channels: 1, image: FixedArray(image), targets: targets, classes: 2,
        name: "half")
    ]
    start = plan.architecture.parameterLayout.initialValues(seed: 1)
    trainer = Trainer(
      plan: plan, cases: cases, site: "a", seed: 5,
      pool: NetworkPool(plan.architecture, loop: ParallelLoop(threads: 2)))
  }

  private func train(
    _ rule: LocalRule, steps: Int = 6, started: RoundState? = nil, checkpoints: RoundCheckpoints? = nil
  ) throws -> TrainingOutcome {
    try #require(
      try trainer.train(
        from: start, .round(1, totalSteps: steps), steps: steps, keepOptimizerState: false, rule: rule,
        started: started, checkpoints: checkpoints))
  }

  private func distance(_ weights: [Float]) -> Double {
    zip(weights, start).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot()
  }

  /// μ·(w − w₀) is the gradient of μ/2·‖w − w₀‖², which is quadratic: a central difference is exact.
  @Test func itsGradientIsThatOfTheProximalTerm() throws {
    var stream = RandomStream(seed: 1, purpose: .test)
    let count = 40_000
    let (weights, anchor) = (
      (0..<count).map { _ in Float(stream.normal()) }, (0..<count).map { _ in Float(stream.normal()) }
    )
    let gradients = FloatBuffer(count: count)
    gradients.fill(with: 2)
    let local = try #require(LocalGradient(LocalRule(proximal: 0.3), start: anchor))
    local.add(to: gradients, at: FloatBuffer(weights), loop: ParallelLoop(threads: 2))
    func term(_ weight: Double, _ index: Int) -> Double {
      0.15 * (weight - Double(anchor[index])) * (weight - Double(anchor[index]))
    }
    for index in [0, 1, 16_383, 16_384, 39_999] {
      let weight = Double(weights[index])
      let slope = (term(weight + 0.5, index) - term(weight - 0.5, index)) / 1
      #expect(abs(Double(gradients.values[index]) - 2 - slope) < 1e-5)
    }
  }

  @Test func itHoldsASiteNearTheRoundsStart() throws {
    let free = distance(try train(.none).weights)
    let held = distance(try train(LocalRule(proximal: 1)).weights)
    let tight = distance(try train(LocalRule(proximal: 15)).weights)
    #expect(tight < 0.8 * held && held < 0.98 * free, "\(tight), \(held), \(free)")
  }

  /// The first step starts where it is held: nothing pulls yet.
  @Test func theFirstStepIsPlain() throws {
    let plain = try train(.none, steps: 1)
    #expect(try train(LocalRule(proximal: 5), steps: 1).weights == plain.weights)
    #expect(try train(LocalRule(proximal: 5)).weights != train(.none).weights)
  }

  /// A round that is gone on with is held to its own start, not to where it was left.
  @Test func aRoundThatGoesOnHasTheSameBits() throws {
    var kept: RoundState?
    let rule = LocalRule(proximal: 2)
    let whole = try train(rule, checkpoints: RoundCheckpoints(every: 4) { kept = $0 })
    let state: RoundState = try #require(kept)
    let resumed = try train(rule, started: state)
    #expect(resumed.weights == whole.weights)
    #expect(resumed.lossSum == whole.lossSum)
  }
}

import Foundations
import NeuralNetwork
import Tensor
import Testing
import Training

@Suite(.timeLimit(.minutes(10)))
struct TrainerTests {
  /// Bright balls in noise: label 1 around, label 2 within.
  private func cases(_ plan: TrainingPlan, count: Int = 3) -> [TrainingCase] {
    let size = SIMD3(16, 16, 16)
    return (0..<count).map { number in
      var stream = RandomStream(seed: UInt64(number), purpose: .test)
      let centre = SIMD3<Double>(6 + 3 * stream.uniform(), 6 + 3 * stream.uniform(), 6 + 3 * stream.uniform())
      var (image, targets): ([Float], [UInt8]) = ([], [])
      for place in 0..<size.x * size.y * size.z {
        let voxel = SIMD3(Double(place % 16), Double(place / 16 % 16), Double(place / 256))
        let distance = ((voxel - centre) * (voxel - centre)).sum()
        let target: UInt8 = distance < 9 ? 2 : distance < 30 ? 1 : 0
        targets.append(target)
        image.append(Float(Double(target) - 1 + 0.3 * stream.normal()))
      }
      return TrainingCase(
        size: size, channels: 1, image: FixedArray(image), targets: targets, classes: 3,
        regions: plan.targets == .regions ? plan.regionClasses : nil, name: "case \(number)")
    }
  }

  private func plan(_ change: (inout TrainingPlan) -> Void = { _ in }) -> TrainingPlan {
    var plan = SampleCases.plan(patch: [8, 8, 8], oversampling: 0.5, labels: 3)
    plan.regions = [.init(name: "whole", labels: [1, 2]), .init(name: "core", labels: [2])]
    plan.batch = 2
    change(&plan)
    return plan
  }

  private func trainer(_ plan: TrainingPlan, threads: Int = 1) -> (Trainer, [Float]) {
    let pool = NetworkPool(plan.architecture, loop: ParallelLoop(threads: threads))
    return (
      Trainer(plan: plan, cases: cases(plan), site: "a", seed: 5, pool: pool),
      plan.architecture.parameterLayout.initialValues(seed: 1)
    )
  }

  private func train(_ plan: TrainingPlan, steps: Int, from start: [Float]? = nil) throws -> TrainingOutcome {
    let (trainer, initial) = trainer(plan)
    return try #require(
      try trainer.train(
        from: start ?? initial, .round(1, totalSteps: steps), steps: steps, keepOptimizerState: false))
  }

  @Test(
    arguments: TrainingPlan.Targets.allCases,
    [TrainingPlan.ClassWeights.none, .balanced])
  func theLossFalls(targets: TrainingPlan.Targets, weights: TrainingPlan.ClassWeights) throws {
    for name in TrainingPlan.OptimizerName.allCases {
      let plan = plan {
        $0.targets = targets
        $0.loss = .init(batchDice: targets == .labels, classWeights: weights)
        $0.optimizer = .init(name: name, learningRate: 0.01, weightDecay: 1e-5, momentum: 0.9)
      }
      let first = try train(plan, steps: 1).meanLoss
      let (trainer, start) = trainer(plan)
      let learned = try #require(
        try trainer.train(from: start, .round(1, totalSteps: 80), steps: 60, keepOptimizerState: false))
      let after = try #require(
        try trainer.train(
          from: learned.weights, .round(4, totalSteps: 80), steps: 20, keepOptimizerState: true))
      #expect(after.meanLoss < first - 0.4, "\(name): \(first), \(after.meanLoss)")
    }
  }

  /// What is sent is the mean of the weights after each step of the round.
  @Test func theAverageIsOfTheRound() throws {
    let steps = 4
    func weights(_ average: Double?, _ steps: Int, of total: Int) throws -> [Float] {
      let plan = plan { $0.optimizer.average = average }
      let (trainer, start) = trainer(plan)
      return try #require(
        try trainer.train(from: start, .round(1, totalSteps: total), steps: steps, keepOptimizerState: false)
      ).weights
    }
    let decay = 0.5
    var (sum, total) = ([Double](repeating: 0, count: try weights(nil, 1, of: steps).count), 0.0)
    for step in 1...steps {
      let share = (0..<(steps - step)).reduce(1.0) { value, _ in value * decay }
      total += share
      for (i, value) in try weights(nil, step, of: steps).enumerated() { sum[i] += share * Double(value) }
    }
    let found = try weights(decay, steps, of: steps)
    let error = zip(found, sum).map { abs(Double($0) - $1 / total) }.max() ?? 1
    #expect(error < 1e-6)
    #expect(try found != weights(nil, steps, of: steps))
  }

  /// A loss that is no number stops before the step, and names round, step and the batch's cases.
  @Test(arguments: [TrainingPlan.Targets.labels, .regions]) func aLossThatIsNoNumberStops(
    targets: TrainingPlan.Targets
  ) throws {
    let plan = plan {
      $0.targets = targets
      // Each step throws the weights further away.
      $0.optimizer = .init(name: .sgd, learningRate: 10, weightDecay: 1, momentum: 0.99, gradientClip: 0)
    }
    let error = #expect(throws: TrainingError.self) { try train(plan, steps: 10_000) }
    guard case .diverged("a", 1, let step, _, let cases) = try #require(error) else { return }
    #expect(step > 1 && step < 10_000)
    #expect((1...2).contains(cases.count) && cases.allSatisfy { $0.hasPrefix("case ") })
    let told = try #require(error)
    #expect(told.description.contains("a, round 1, step \(step): found"))
    #expect(!told.description.contains("case ") && told.siteNotice.contains(cases[0]))
  }

  @Test func weightsThatAreNoNumberStopTheFirstStep() throws {
    let plan = plan()
    var (_, start) = trainer(plan)
    start[3] = .nan
    #expect(throws: TrainingError.self) { try train(plan, steps: 3, from: start) }
  }

  /// The cases that a message names are those that the batch is cut from.
  @Test func theBatchsCasesAreNamed() throws {
    let plan = plan { $0.foregroundOversampling = 0 }
    // Each case is known by its only value.
    let items = (0..<4).map { number in
      TrainingCase(
        size: SIMD3(8, 8, 8), channels: 1, image: FixedArray([Float](repeating: 1, count: 512)),
        targets: [UInt8](repeating: UInt8(number), count: 512), classes: 4, name: "case \(number)")
    }
    let sampler = PatchSampler(plan: plan, cases: items, site: "a", seed: 5)
    let workspace = sampler.makeWorkspace()
    let image = FloatBuffer(count: 512)
    for step in 0..<10 {
      var seen: Set<String> = []
      for sample in 0..<3 {
        var targets = [UInt8](repeating: 9, count: 512)
        targets.withUnsafeMutableBufferPointer {
          sampler.fill(
            round: 2, step: step, sample: sample, image: image.pointer, targets: $0.baseAddress!,
            workspace: workspace)
        }
        seen.insert("case \(targets[0])")
      }
      #expect(sampler.caseNames(round: 2, step: step, samples: 3) == seen.sorted())
    }
  }

  @Test func aRestoredTrainerGoesOnToTheSameBits() throws {
    let plan = plan { $0.optimizer.average = 0.9 }
    func round(_ trainer: Trainer, _ number: Int, _ weights: [Float]) throws -> [Float] {
      try #require(
        try trainer.train(from: weights, .round(number, totalSteps: 6), steps: 3, keepOptimizerState: true)
      ).weights
    }
    let (straight, start) = trainer(plan)
    let first = try round(straight, 1, start)
    let (resumed, _) = trainer(plan)
    resumed.restore(straight.state)
    #expect(try round(resumed, 2, first) == round(straight, 2, first))
  }
}

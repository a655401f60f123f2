import Foundations
import TestSupport
import Testing
import Training

/// A round that is gone on with in the middle ends in the same bits.
struct TrainerResumeTests {
  private static func plan(_ optimizer: String) throws -> TrainingPlan {
    let text = """
      {schema_version: 1, name: tiny, dimensions: 3, patch: [8, 8, 8], batch: 2, contrasts: [t1, t2],
       labels: [{value: 0, name: background}, {value: 1, name: label}], spacing: [1, 1, 1],
       network: {widths: [2, 4], convolutions_per_stage: 1},
       optimizer: {name: \(optimizer), learning_rate: 0.01, weight_decay: 0.001, momentum: 0.9},
       foreground_oversampling: 0.5, mirror: [x], rounds: 3, local_steps: 7, split: {validation: 0, test: 0}}
      """
    let data = DataFingerprint(
      contrasts: ["t1", "t2"], labelValues: [0, 1], medianSpacing: SIMD3(1, 1, 1),
      medianSize: SIMD3(16, 16, 16))
    return try PlanFile.parse(text, file: "plan").resolved(for: data, file: "plan")
  }

  private static func trainer(_ plan: TrainingPlan) throws -> Trainer {
    let cases = try (1...2).map {
      try TrainingCase(
        SampleCases.harmonized(SIMD3(17, 9, 13), channels: 2, seed: $0), labelValues: plan.labelValues)
    }
    let pool = NetworkPool(plan.architecture, loop: ParallelLoop(threads: 2))
    return Trainer(plan: plan, cases: cases, site: "a", seed: 5, pool: pool)
  }

  @Test(arguments: ["adam", "sgd"]) func anyStepMayBeTheLastOfAProcess(optimizer: String) throws {
    let plan = try Self.plan(optimizer)
    let start = plan.architecture.parameterLayout.initialValues(seed: 1)
    func round(
      _ trainer: Trainer, _ number: Int, from weights: [Float], started: RoundState? = nil,
      checkpoints: RoundCheckpoints? = nil
    ) throws -> TrainingOutcome {
      try #require(
        try trainer.train(
          from: weights, .round(number, totalSteps: 21), steps: 7, keepOptimizerState: true, started: started,
          checkpoints: checkpoints))
    }
    let whole = try Self.trainer(plan)
    let first = try round(whole, 1, from: start)
    let between = whole.state
    var states: [RoundState] = []
    let second = try round(
      whole, 2, from: first.weights, checkpoints: RoundCheckpoints(every: 2) { states.append($0) })
    let third = try round(whole, 3, from: second.weights)
    // The round's end is none of the trainer's checkpoints.
    #expect(states.map(\.step) == [2, 4, 6])
    for state in states {
      let resumed = try Self.trainer(plan)
      let outcome = try round(resumed, 2, from: first.weights, started: state)
      #expect(outcome.weights == second.weights && outcome.lossSum == second.lossSum)
      #expect(try round(resumed, 3, from: outcome.weights).weights == third.weights)
    }
    // Between rounds only the trainer's state is carried over, and it matters.
    let restored = try Self.trainer(plan)
    let copy = try #require(
      TrainerState(counts: between.counts, buffers: between.buffers, like: restored.state))
    restored.restore(copy)
    #expect(try round(restored, 2, from: first.weights).weights == second.weights)
    #expect(try round(Self.trainer(plan), 2, from: first.weights).weights != second.weights)
  }

  @Test func anotherOptimisersStateIsNotTaken() throws {
    let adam = try Self.trainer(Self.plan("adam")).state
    let sgd = try Self.trainer(Self.plan("sgd")).state
    #expect(TrainerState(counts: sgd.counts, buffers: sgd.buffers, like: adam) == nil)
    #expect(TrainerState(counts: [-1], buffers: adam.buffers, like: adam) == nil)
    #expect(TrainerState(counts: adam.counts, buffers: adam.buffers, like: adam) == adam)
  }
}

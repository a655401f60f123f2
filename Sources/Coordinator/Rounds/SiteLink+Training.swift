import FederationProtocol

/// What a site is asked to train, the same for all sites of a round but for `lastRound`.
struct TrainingTask: Sendable {
  /// Coded once for all sites.
  let model: SentModel
  let rule: WireLocalRule?
  let round: Int
  let settings: FederationSettings
  var ranges: [TensorRange] { model.state.ranges }
  /// What FedNova's normaliser is by the plan; nil: not known here.
  var normaliser: NormaliserRule?
}

/// FedNova's normaliser for steps of a round and steps of the whole run; nil where the optimiser has none.
package typealias NormaliserRule = @Sendable (_ round: Int, _ steps: Int, _ totalSteps: Int) -> Double?

/// A site's checked update.
struct SiteUpdate: Sendable {
  let facts: UpdateFacts
  let seconds: Double
  let delta: [Float]
  /// SCAFFOLD's cᵢ⁺ − cᵢ; empty where the rule asks for none.
  let controlDelta: [Float]
}

extension SiteLink {
  /// Trains at the site. `lastRound` is the last before this one whose update from it was taken, 0 for none; `cases` are the
  /// training cases that it has said it has.
  ///
  /// Throws `ProtocolError` for an answer with a field that cannot be, and what `ask` throws.
  func train(_ task: TrainingTask, lastRound: Int, cases: Int) async throws -> SiteUpdate {
    let round = task.round
    var request = request(task, lastRound: lastRound)
    if let rule = task.rule { request.rule = rule }
    let chain = task.settings.codecs.up
    if !chain.isPlain { request.updateCodec = chain.description }
    let answer = try await ask(request, for: WireModelUpdate.self, with: task.model, round: round)
    let delta = try numbers(answer.delta, task, chain, .weights)
    try check(.cases, round, answer.cases == UInt64(cases), "\(answer.cases)", "\(cases), as it has said")
    try checkCosts(answer, task)
    // Cross-entropy and minus Dice are no less than -1 together, but for rounding.
    let loss = answer.meanLoss
    try check(.loss, round, loss.isFinite && loss >= -1.001, "\(loss)", "a finite number, -1 or more")
    var facts = UpdateFacts(
      site: site, cases: cases, voxels: Int(answer.voxels), steps: Int(answer.steps),
      meanLoss: answer.meanLoss, norm: Self.norm(delta))
    if task.rule?.startLoss == true {
      let loss = answer.hasStartLoss ? answer.startLoss : .nan
      try check(.startLoss, round, 0...1e6 ~= loss, "\(loss)", "0 to 1e6")
      facts.startLoss = loss
    }
    if task.rule?.normaliser == true {
      let normaliser = answer.hasNormaliser ? answer.normaliser : .nan
      try check(.normaliser, round, 1e-6...1e12 ~= normaliser, "\(normaliser)", "1e-6 to 1e12")
      // It multiplies the step of all sites, or this one's: it is what the plan makes of so many steps.
      if let expected = task.normaliser?(round, facts.steps, facts.steps * task.settings.rounds) {
        try check(
          .normaliser, round, abs(normaliser - expected) <= 1e-6 * expected, "\(normaliser)",
          "\(expected) by the plan for \(facts.steps) steps")
      }
      facts.normaliser = normaliser
    }
    let control =
      task.rule?.correction == .scaffold
      ? try numbers(answer.controlDelta, task, chain.ofControls, .control) : []
    return SiteUpdate(facts: facts, seconds: answer.seconds, delta: delta, controlDelta: control)
  }

  /// Lets the site fine-tune a model to its own cases; what comes of it stays there.
  func fineTune(_ task: TrainingTask, steps: Int, lastRound: Int) async throws {
    var request = request(task, lastRound: lastRound)
    request.localSteps = UInt32(steps)
    request.fineTune = true
    _ = try await ask(request, for: WireModelUpdate.self, with: task.model, round: task.round)
  }

  /// The weights of an answer, as it was asked for them.
  private func numbers(
    _ wire: WireWeights, _ task: TrainingTask, _ chain: CodecChain, _ part: CodecContext.Part
  ) throws -> [Float] {
    if task.settings.codecs.up.isPlain {
      let values = try wire.values(
        expecting: task.ranges, site: site, round: task.round, limit: Self.largestChange)
      countUp(tensors: task.ranges.map { 4 * $0.count })
      return values
    }
    let context = CodecContext(
      seed: task.settings.seed, site: site, round: task.round, part: part)
    let coded = try wire.numbers(
      WeightsCoder(chain, ranges: task.ranges, context: context), site: site, limit: Self.largestChange)
    countUp(tensors: coded.tensorBytes)
    return coded.values
  }

  private func request(_ task: TrainingTask, lastRound: Int) -> WireTrainRequest {
    var request = WireTrainRequest()
    switch task.settings.budget {
    case .steps(let steps): request.localSteps = UInt32(steps)
    case .epochs(let epochs): request.localEpochs = UInt32(epochs)
    }
    request.keepOptimizerState = task.settings.keepOptimizerState
    request.totalRounds = UInt32(task.settings.rounds)
    request.seed = task.settings.seed
    request.lastRound = UInt32(lastRound)
    return request
  }

  private func checkCosts(_ answer: WireModelUpdate, _ task: TrainingTask) throws {
    let round = task.round
    if case .steps(let steps) = task.settings.budget {
      try check(.steps, round, answer.steps == UInt64(steps), "\(answer.steps)", "\(steps)")
    } else {
      try check(
        .steps, round, 1...UInt64(UInt32.max) ~= answer.steps, "\(answer.steps)", "1 or more")
    }
    let seconds = answer.seconds
    try check(.seconds, round, seconds.isFinite && seconds >= 0, "\(seconds)", "0 or more")
    // The largest scans there are hold some 10⁸ voxels.
    let most = UInt64(1_000_000_000) * max(1, answer.cases)
    try check(.voxels, round, answer.voxels <= most, "\(answer.voxels)", "\(most) or fewer")
    if task.settings.weighting == .voxels {
      try check(
        .voxels, round, answer.voxels >= answer.cases, "\(answer.voxels)",
        "\(answer.cases) or more: they are weighed")
    }
  }

  /// Of a larger one, a sum keeps nothing of a model's own weights, and the next round's training overflows.
  private static let largestChange: Float = 1e9

  private static func norm(_ values: [Float]) -> Double {
    values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}

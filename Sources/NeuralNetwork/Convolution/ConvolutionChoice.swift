import Tensor

/// Which strategy computes which pass of which convolution.
///
/// The static cost model decides, unless a table (from tuning, or by hand) names the strategy.
package struct ConvolutionChoice: Sendable {
  /// One line of a table.
  package struct Key: Sendable, Hashable {
    package let shape: ConvolutionShape
    package let pass: ConvolutionPass

    package init(shape: ConvolutionShape, pass: ConvolutionPass) {
      self.shape = shape
      self.pass = pass
    }
  }

  /// A strategy that was chosen, from which ones, and by what.
  package struct Decision: Sendable {
    package enum Reason: String, Sendable { case table, override, model }

    package let strategy: StrategyName
    package let reason: Reason
    /// All that serve the pass, with their modelled cost in cycles of one core.
    package let candidates: [(strategy: StrategyName, cycles: Double)]
  }

  /// The kernel set's name, which the costs depend on.
  package let kernels: String
  /// Strategies that are set and not chosen.
  package var table: [Key: StrategyName]
  /// One strategy for every pass that it serves.
  package var override: StrategyName?

  package init(
    kernels: String = KernelChoice.current.name, table: [Key: StrategyName] = [:],
    override: StrategyName? = nil
  ) {
    self.kernels = kernels
    self.table = table
    self.override = override
  }

  /// Strategies that serve a pass, each with its cost in cycles, in the fixed order of the list; the reference is last.
  package func candidates(
    _ shape: ConvolutionShape, _ pass: ConvolutionPass
  ) -> [(strategy: StrategyName, cycles: Double)] {
    let cost = ConvolutionCost(shape: shape, kernels: kernels)
    let names = WinogradTile.candidates(shape).map(StrategyName.winograd) + [.direct, .gather, .reference]
    return names.compactMap { name in cost.cycles(name, pass).map { (name, $0) } }
  }

  /// The strategy of a pass and why: from the table, else the override, else the cheapest, the first of equals.
  package func decision(_ shape: ConvolutionShape, _ pass: ConvolutionPass) -> Decision {
    let candidates = candidates(shape, pass)
    func serves(_ name: StrategyName) -> Bool { candidates.contains { $0.strategy == name } }
    if let set = table[Key(shape: shape, pass: pass)], serves(set) {
      return Decision(strategy: set, reason: .table, candidates: candidates)
    }
    if let override, serves(override) {
      return Decision(strategy: override, reason: .override, candidates: candidates)
    }
    var best = candidates[0]
    for candidate in candidates.dropFirst() where candidate.cycles < best.cycles { best = candidate }
    return Decision(strategy: best.strategy, reason: .model, candidates: candidates)
  }

  /// The strategy of a pass.
  package func strategy(_ shape: ConvolutionShape, _ pass: ConvolutionPass) -> StrategyName {
    decision(shape, pass).strategy
  }

  func data(_ shape: ConvolutionShape, isInputGradient: Bool) -> any DataStrategy {
    let pass: ConvolutionPass = isInputGradient ? .inputGradient : .forward
    let correlation = isInputGradient ? Correlation.inputGradient(shape) : Correlation.forward(shape)
    switch (strategy(shape, pass), correlation) {
    case (.winograd(let tile), .some(let correlation)): return WinogradData(correlation, tile: tile)
    case (.direct, .some(let correlation)): return DirectData(correlation, stride: shape.stride)
    case (.reference, _): return ReferenceData(shape: shape, isInputGradient: isInputGradient)
    default: return GatherData(shape, isInputGradient: isInputGradient)
    }
  }

  func weights(_ shape: ConvolutionShape) -> any WeightStrategy {
    switch strategy(shape, .weightGradient) {
    case .winograd(let tile): WinogradWeights(shape, tile: tile)
    case .direct: DirectWeights(shape)
    case .gather: GatherWeights(shape)
    case .reference: ReferenceWeights(shape: shape)
    }
  }
}

import FederationProtocol
import Foundations

/// What can be wrong with a strategy that a user writes.
package enum StrategyError: DescribedError {
  case choice(ChoiceFault)
  /// Its rule does not hold with the sites' optimiser.
  case optimizer(strategy: String, found: String, expected: String, canBeAllowed: Bool)
  case tooFewSites(strategy: String, found: Int, needed: Int)
  /// Fewer sites are asked in a round than are to answer.
  case quorum(found: Int, needed: Int)
  /// None of the network's tensors is what sites keep to themselves.
  case nothingPersonal(strategy: String, kind: String)
  /// It weighs updates by itself.
  case weights(strategy: String, found: String)
  /// What sites keep to themselves goes with the last model only.
  case bestValidation(strategy: String)
  /// Sites' momentum would go on behind its back.
  case keptMomentum(strategy: String)
  /// The coordinator has no update of its own, by which it would judge those of the sites.
  case noRoot(strategy: String)
  /// What an excluded site has sent would go on working in its state.
  case notExcludable(strategy: String)
  /// The codec would leave control variates out.
  case controlsDropped(strategy: String, codec: String)
  /// The model goes from site to site, which codecs do not follow.
  case notCoded(strategy: String, codec: String)
  /// Updates are to be looked at that start from different models.
  case notScreened(strategy: String)

  package var description: String {
    switch self {
    case .choice(let fault): fault.description
    case .optimizer(let strategy, let found, let expected, let canBeAllowed):
      "Strategy \(strategy): the plan's optimizer is \(found), expected \(expected): its rule does not hold otherwise. "
        + "Change the plan's optimizer"
        + (canBeAllowed
          ? ", or allow it with \(strategy):allow-momentum=1." : ", or choose another strategy.")
    case .tooFewSites(let strategy, let found, let needed):
      "Strategy \(strategy): a round trains at \(found) site\(found == 1 ? "" : "s"), expected \(needed) or more. "
        + "Choose another strategy, or other parameters of this one (segfed strategies), such as fewer hostile sites."
    case .quorum(let found, let needed):
      "--minimum-sites: found \(needed), expected \(found) or fewer: no more are asked in a round (--participation)."
    case .nothingPersonal(let strategy, let kind):
      "Strategy \(strategy): the network has no \(kind), expected some: they are what each site keeps. "
        + "Choose another network or strategy."
    case .weights(let strategy, let found):
      "Strategy \(strategy): --weights is \(found), expected none: it weighs the sites by its own rule. Leave it out."
    case .bestValidation(let strategy):
      "Strategy \(strategy): the best model on validation is asked for (--model-choice, early_stopping), expected the last: "
        + "what sites keep to themselves goes with it alone."
    case .keptMomentum(let strategy):
      "Strategy \(strategy): --optimizer-state is keep, expected reset: its rule takes each round's steps by themselves."
    case .noRoot(let strategy):
      "Strategy \(strategy): the coordinator has no update of its own, expected one: it trusts sites as far as they agree "
        + "with it. Give it a few cases (--coordinator-data), or choose another strategy."
    case .notExcludable(let strategy):
      "Strategy \(strategy): sites are to be excluded (--exclude-after), expected not: what they have sent stays in its control "
        + "variates. Leave that out, or choose another strategy."
    case .controlsDropped(let strategy, let codec):
      "Strategy \(strategy): the codec is \(codec), expected one that keeps every number: what it leaves out of control variates "
        + "never comes right. Choose fp16, bf16, int8 or int4, such as delta+int8+entropy, or another strategy."
    case .notCoded(let strategy, let codec):
      "Strategy \(strategy): the codec is \(codec), expected none: each site is sent the model of the one before. "
        + "Leave the codec out, or choose another strategy."
    case .notScreened(let strategy):
      "Strategy \(strategy): updates are to be looked at (--screen, --exclude-after), expected not: each site goes on with the model "
        + "of the one before, so that no two can be compared. Leave that out, or choose another strategy."
    }
  }

  /// Throws where a strategy cannot work with a federation's settings, the number of sites that train, the coordinator's own cases
  /// or the model.
  package static func check(
    _ strategy: any AggregationStrategy, settings: FederationSettings, sites: Int, hasRoot: Bool,
    ranges: [TensorRange]
  ) throws {
    let descriptor = type(of: strategy).descriptor
    if descriptor.needsRoot && !hasRoot { throw StrategyError.noRoot(strategy: descriptor.name) }
    let asked = settings.participation.count(of: sites)
    if asked < strategy.minimumSites {
      throw StrategyError.tooFewSites(
        strategy: descriptor.name, found: asked, needed: strategy.minimumSites)
    }
    if asked < settings.minimumSites {
      throw StrategyError.quorum(found: asked, needed: settings.minimumSites)
    }
    if settings.weighting != .cases && !descriptor.takesWeights {
      throw StrategyError.weights(strategy: descriptor.name, found: settings.weighting.rawValue)
    }
    if descriptor.isPersonal && settings.needsValidation {
      throw StrategyError.bestValidation(strategy: descriptor.name)
    }
    if strategy is any SequentialStrategy && settings.looksAtUpdates {
      throw StrategyError.notScreened(strategy: descriptor.name)
    }
    if descriptor.keepsControls && settings.excludeAfter != nil {
      throw StrategyError.notExcludable(strategy: descriptor.name)
    }
    let codecs = settings.codecs
    if descriptor.keepsControls && codecs.dropsControls {
      throw StrategyError.controlsDropped(
        strategy: descriptor.name, codec: (codecs.up.leavesOut ? codecs.up : codecs.down).description)
    }
    if strategy is any SequentialStrategy && !codecs.isPlain {
      throw StrategyError.notCoded(
        strategy: descriptor.name, codec: (codecs.down.isPlain ? codecs.up : codecs.down).description)
    }
    if descriptor.optimizer != .any && settings.keepOptimizerState {
      throw StrategyError.keptMomentum(strategy: descriptor.name)
    }
    if let kind = descriptor.personalKind {
      let state = strategy.initialState(count: ranges.reduce(0) { $0 + $1.count })
      if strategy.localRule(ranges, state: state)?.personal.isEmpty ?? true {
        throw StrategyError.nothingPersonal(strategy: descriptor.name, kind: kind)
      }
    }
  }
}

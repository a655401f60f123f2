import Coordinator
import Training

/// What there is to tell of a run while it goes on. A value: it is given events with their time, and makes lines (`lines`).
package struct LiveRun: Sendable, Equatable {
  package enum Phase: String, Sendable {
    case begins
    case trains
    case validates
    case tests
  }

  package struct Site: Sendable, Equatable {
    package enum State: Sendable, Equatable {
      /// In no round yet, or not in this one.
      case apart
      case waits
      case trains
      case trained
      case leftOut
    }

    package let name: String
    package var state = State.apart
    package var step = 0
    /// 0: not known yet.
    package var steps = 0
    /// Mean of the round's steps so far, or of the last round.
    package var loss: Double?
    /// Mean over the regions, of the last model that the site scored.
    package var dice: Double?
  }

  /// Which of several runs it is; nil: it is the only one.
  let part: String?
  let rounds: Int
  private(set) var phase = Phase.begins
  /// From 1; 0 before the first.
  private(set) var round = 0
  package private(set) var sites: [Site]
  /// Mean over the sites, of the last round and the best one.
  private(set) var dice: Double?
  private(set) var best: (round: Int, dice: Double)?
  /// Bytes that were exchanged; nil where nothing travels.
  package var bytes: Int?
  /// Whole rounds, those of earlier processes too.
  private(set) var finished = 0
  /// Seconds of the rounds that this process has seen from begin to end, and how many.
  private var measured: (seconds: Double, rounds: Int) = (0, 0)
  /// When the round began, by the clock that events are timed with.
  private var began: Double?

  package init(part: String? = nil, sites: [String], rounds: Int) {
    (self.part, self.rounds) = (part, rounds)
    self.sites = sites.sorted().map { Site(name: $0) }
  }

  package static func == (left: LiveRun, right: LiveRun) -> Bool {
    left.part == right.part && left.rounds == right.rounds && left.phase == right.phase
      && left.round == right.round && left.sites == right.sites && left.dice == right.dice
      && left.best?.round == right.best?.round && left.best?.dice == right.best?.dice
      && left.bytes == right.bytes && left.finished == right.finished && left.began == right.began
  }

  private mutating func change(_ site: String, _ body: (inout Site) -> Void) {
    if let index = sites.firstIndex(where: { $0.name == site }) { body(&sites[index]) }
  }

  /// `now` in seconds, monotonic.
  package mutating func take(_ event: FederationEvent, now: Double) {
    switch event {
    case .resumed(let round): (finished, self.round) = (round, round)
    case .asked(let round, let names):
      (self.round, phase, began) = (round, .trains, now)
      for index in sites.indices {
        sites[index].state = names.contains(sites[index].name) ? .waits : .apart
        (sites[index].step, sites[index].steps) = (0, 0)
      }
    case .trained(_, let site):
      change(site) {
        $0.state = .trained
        $0.step = $0.steps
      }
    case .leftOut(let round, let absence) where round > 0: change(absence.site) { $0.state = .leftOut }
    case .validating: phase = .validates
    case .validated(_, let scores): change(scores.site) { $0.dice = scores.meanOverRegions }
    case .finished(let record): take(record, now: now)
    case .testing:
      phase = .tests
      for index in sites.indices { (sites[index].state, sites[index].step) = (.apart, 0) }
    case .described, .leftOut, .unscored, .tested, .untested: break
    }
  }

  private mutating func take(_ record: RoundRecord, now: Double) {
    finished = record.round
    if let began { measured = (measured.seconds + now - began, measured.rounds + 1) }
    began = nil
    for site in record.sites { change(site.site) { $0.loss = site.meanLoss } }
    dice = record.validation.meanOfSiteMeans
    if let dice, best.map({ dice > $0.dice }) ?? true { best = (record.round, dice) }
  }

  package mutating func take(_ step: StepProgress) {
    change(step.site) {
      $0.state = .trains
      ($0.step, $0.steps, $0.loss) = (step.step, step.steps, step.meanLoss)
    }
  }

  /// How much of the round's training is done, 0 to 1.
  private var roundShare: Double {
    let asked = sites.filter { $0.state != .apart }
    if phase != .trains || asked.isEmpty { return phase == .validates ? 1 : 0 }
    return asked.reduce(0) { sum, site in
      switch site.state {
      case .trained, .leftOut: sum + 1
      default: sum + (site.steps > 0 ? Double(site.step) / Double(site.steps) : 0)
      }
    } / Double(asked.count)
  }

  /// How much of all rounds is done, 0 to 1.
  package var share: Double {
    began == nil
      ? Double(finished) / Double(max(1, rounds))
      : min(1, (Double(finished) + roundShare) / Double(max(1, rounds)))
  }

  /// Seconds that the rounds still take, from those that were seen; in the first one from its steps. nil where nothing tells.
  package func secondsLeft(now: Double) -> Double? {
    let inRound = began.map { now - $0 } ?? 0
    if measured.rounds > 0 {
      let each = measured.seconds / Double(measured.rounds)
      let others = Double(rounds - finished - (began == nil ? 0 : 1)) * each
      return max(0, others) + (began == nil ? 0 : max(0, each - inRound))
    }
    guard began != nil, roundShare > 0 else { return nil }
    return inRound / roundShare * Double(rounds - finished) - inRound
  }
}

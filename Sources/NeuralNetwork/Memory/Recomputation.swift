import Tensor

/// Chooses which layers' outputs a training step gives up and computes again on the way back.
///
/// Greedy: of all gaps in which a value only waits, the one that brings the step nearest to its limit for
/// the least work is closed, until the step fits (Chen et al. 2016 drop activations by a fixed rule instead).
struct Recomputation {
  let accesses: StepAccesses
  /// By layer, see `Layer.forwardWork`.
  let work: [Double]
  /// The network's places, without lifetimes.
  let arena: ArenaPlan
  let isTraining: Bool

  /// A step's order and where its values lie.
  struct Plan {
    let schedule: StepSchedule
    let layout: ArenaLayout
    /// The most values in use at once.
    let leastCount: Int
  }

  /// Nothing is computed twice.
  var keepingAll: Plan {
    let schedule = StepSchedule(layers: work.count, isTraining: isTraining)
    return Plan(schedule, arena: arena(timeline(schedule)))
  }

  /// A plan whose arena holds at most `count` values; nil where `leastPlan` needs more.
  func plan(within count: Int) -> Plan? {
    guard count >= neededAtOnce else { return nil }
    if let plan = greedyPlan(within: count) { return plan }
    let least = leastPlan()
    return least.layout.count <= count ? least : nil
  }

  private func greedyPlan(within count: Int) -> Plan? {
    var schedule = StepSchedule(layers: work.count, isTraining: isTraining)
    var target = count
    while target > 0 {
      let timeline = timeline(schedule)
      let arena = arena(timeline)
      let live = arena.liveCounts()
      let most = live.max() ?? 0
      if most <= target {
        let plan = Plan(schedule, arena: arena)
        if plan.layout.count <= count { return plan }
        // Room between the places is lost: aim as much lower, again and again until a gap has to be closed. Aims in
        // between would lay out the same places anew.
        let lost = plan.layout.count - count
        target -= ((target - most) / lost + 1) * lost
        continue
      }
      guard let next = best(schedule, timeline, live: live, target: target) else { return nil }
      schedule = next
    }
    return nil
  }

  /// The smallest arena that was found, to about a hundredth: what fits into less memory fits into more.
  func leastPlan() -> Plan {
    var best = keepingAll
    var impossible = neededAtOnce - 1
    while best.layout.count - impossible > best.layout.count / 100 + 16 {
      let middle = impossible + (best.layout.count - impossible) / 2
      if let plan = greedyPlan(within: middle) { best = plan } else { impossible = middle }
    }
    return best
  }

  /// Values that the greediest single operation touches: no step takes less.
  private var neededAtOnce: Int {
    let operations = StepSchedule(layers: work.count, isTraining: isTraining).operations
    return operations.flatMap { accesses.phases($0) }.map { phase in
      Set(phase.map(\.place)).reduce(0) { $0 + $1.count }
    }.max() ?? 0
  }

  /// The schedule with one more gap closed; nil where no gap helps.
  private func best(
    _ schedule: StepSchedule, _ timeline: StepTimeline, live: [Int], target: Int
  ) -> StepSchedule? {
    let excess = excess(live, target)
    let gaps = timeline.gaps.filter { gap in gap.moments.contains { live[$0] > target } }
    let limits = gaps.map { mostValue($0, live: live, target: target) }
    var best: (schedule: StepSchedule, value: Double, index: Int)?
    // The most promising first: once none of the others can be better, they need not be tried.
    for index in gaps.indices.sorted(by: { (limits[$1], $0) < (limits[$0], $1) }) {
      if limits[index] < (best?.value ?? 0) { break }
      let candidate = schedule.recomputing(gaps[index].layers, before: gaps[index].operation)
      let left = self.excess(arena(self.timeline(candidate)).liveCounts(), target)
      let value = (excess - left) / cost(gaps[index])
      let isBetter = best.map { value > $0.value || (value == $0.value && index < $0.index) } ?? (value > 0)
      if isBetter { best = (candidate, value, index) }
    }
    return best?.schedule
  }

  /// What closing a gap would bring for its work if nothing else were held longer for it.
  private func mostValue(_ gap: StepTimeline.Gap, live: [Int], target: Int) -> Double {
    let places = Set(gap.layers.flatMap { accesses.layers[$0].recompute }.filter(\.isWrite).map(\.place))
    let freed = places.reduce(0) { $0 + arena.reserved($1) }
    let gain = gap.moments.reduce(0) { $0 + min(freed, max(0, live[$1] - target)) }
    return Double(gain) / cost(gap)
  }

  private func cost(_ gap: StepTimeline.Gap) -> Double { gap.layers.reduce(0) { $0 + work[$1] } }

  /// By how much the values in use are more than `target`, summed over the step's moments.
  private func excess(_ live: [Int], _ target: Int) -> Double {
    live.reduce(0) { $0 + Double(max(0, $1 - target)) }
  }

  private func timeline(_ schedule: StepSchedule) -> StepTimeline {
    StepTimeline(schedule, accesses: accesses, placeCount: arena.placeCount)
  }

  private func arena(_ timeline: StepTimeline) -> ArenaPlan {
    var arena = arena
    timeline.mark(in: &arena)
    return arena
  }
}

extension Recomputation.Plan {
  fileprivate init(_ schedule: StepSchedule, arena: ArenaPlan) {
    self.init(schedule: schedule, layout: arena.layout(), leastCount: arena.leastCount)
  }
}

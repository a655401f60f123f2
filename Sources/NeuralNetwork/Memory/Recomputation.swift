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
      if (live.max() ?? 0) <= target {
        let plan = Plan(schedule, arena: arena)
        if plan.layout.count <= count { return plan }
        // Room between the places is lost: aim as much lower.
        target -= plan.layout.count - count
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
    var best: (schedule: StepSchedule, value: Double)?
    for gap in timeline.gaps where gap.moments.contains(where: { live[$0] > target }) {
      let candidate = schedule.recomputing(gap.layers, before: gap.operation)
      let left = self.excess(arena(self.timeline(candidate)).liveCounts(), target)
      let value = (excess - left) / gap.layers.reduce(0) { $0 + work[$1] }
      if value > (best?.value ?? 0) { best = (candidate, value) }
    }
    return best?.schedule
  }

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

import Tensor

/// Compiles a network within its ceiling and the machine's memory, or finds out what would fit instead.
struct MemorySearch {
  let specification: NetworkSpecification
  /// Bytes; nil where the machine does not tell.
  let available: Int?

  /// Throws `NetworkError.memory`.
  func plan() throws -> UNetPlan {
    guard let plan = UNetPlan(specification, ceiling: ceiling) else {
      throw NetworkError.memory(
        shortage(.ceiling, needed: UNetPlan(least: specification).memory.total, allowed: ceiling ?? 0))
    }
    if let available, plan.memory.total > available {
      throw NetworkError.memory(shortage(.machine, needed: plan.memory.total, allowed: available))
    }
    return plan
  }

  private var ceiling: Int? { specification.isTraining ? specification.options.memoryCeiling : nil }

  private func shortage(_ limit: MemoryShortage.Limit, needed: Int, allowed: Int) -> MemoryShortage {
    MemoryShortage(
      limit: limit, needed: needed, allowed: allowed, isTraining: specification.isTraining,
      batch: specification.batch, patch: specification.patch, fittingPatch: fittingPatch(),
      fittingBatch: fittingBatch(), fittingCeiling: limit == .machine ? fittingCeiling(allowed) : nil)
  }

  private func fits(_ specification: NetworkSpecification) -> Bool {
    guard let plan = UNetPlan(specification, ceiling: ceiling) else { return false }
    return plan.memory.total <= available ?? .max
  }

  /// Along each axis a multiple of the total stride, at least two of them; the axes shrink together.
  private func fittingPatch() -> Axes? {
    let stride = specification.architecture.totalStride
    let patch = specification.patch
    let units = patch.divided(by: stride)
    let longest = max(units.depth, units.height, units.width)
    func shrunk(_ steps: Int) -> NetworkSpecification {
      func axis(_ units: Int) -> Int { units == 1 ? 1 : max(2, (units * steps + longest / 2) / longest) }
      var smaller = specification
      smaller.patch = Axes(axis(units.depth), axis(units.height), axis(units.width)).times(stride)
      return smaller
    }
    return largest(2..<longest) { fits(shrunk($0)) }.map { shrunk($0).patch }
  }

  private func fittingBatch() -> Int? {
    largest(1..<specification.batch) { batch in
      var smaller = specification
      smaller.batch = batch
      return fits(smaller)
    }
  }

  /// What recomputation alone would bring the network to, if that is enough.
  private func fittingCeiling(_ available: Int) -> Int? {
    guard specification.isTraining else { return nil }
    let least = UNetPlan(least: specification).memory.total
    return least <= available ? least : nil
  }

  /// The largest number of a range that fits, where smaller ones fit too.
  private func largest(_ range: Range<Int>, fits: (Int) -> Bool) -> Int? {
    guard let first = range.first, fits(first) else { return nil }
    var (low, high) = (first, range.upperBound)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    return low
  }
}

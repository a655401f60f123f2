/// A strategy that looks at each update by itself, as robust aggregation does.
package protocol SelectingStrategy: AggregationStrategy {
  /// The step of the global model. Throws `FileError` where an update cannot be read back.
  func select(_ updates: SiteUpdates) throws -> Selection
}

/// A round's updates, on disk, in the order of the sites' names.
package struct SiteUpdates: Sendable {
  private let spool: UpdateSpool
  private let indices: [Int]
  package let facts: [UpdateFacts]
  /// As the user weighs them; positive.
  package let weights: [Double]
  /// The coordinator's own update of this round, from the same start; there if the strategy needs it.
  package let root: [Float]?

  package init(
    spool: UpdateSpool, indices: [Int], facts: [UpdateFacts], weights: [Double], root: [Float]? = nil
  ) {
    precondition(facts.count == indices.count && weights.count == indices.count, "one for each update")
    precondition(root == nil || root?.count == spool.size, "the coordinator's update is of another model")
    (self.spool, self.indices, self.facts, self.weights) = (spool, indices, facts, weights)
    self.root = root
  }

  package var count: Int { indices.count }
  /// Elements of each.
  package var size: Int { spool.size }

  /// Calls `body` with all updates' elements of each block in turn, a row for each site.
  package func forEachBlock(_ body: (Range<Int>, [[Float]]) throws -> Void) throws {
    // All sites' elements of a block take a megabyte together, however many sites there are.
    let length = min(UpdateSpool.blockSize, max(1024, (1 << 18) / max(1, count)))
    for start in stride(from: 0, to: size, by: length) {
      let range = start..<min(size, start + length)
      try body(range, spool.block(range, of: indices))
    }
  }

  /// One whole update.
  package func update(_ site: Int) throws -> [Float] { try spool.update(indices[site]) }

  /// Σ factor·Δ / `divisor` in Double, added in the order of the terms.
  func sum(_ terms: [(site: Int, factor: Double)], over divisor: Double = 1) throws -> [Float] {
    var step: [Float] = []
    step.reserveCapacity(size)
    var sum: [Double] = []
    try forEachBlock { range, rows in
      sum = [Double](repeating: 0, count: range.count)
      for (site, factor) in terms {
        let row = rows[site]
        for index in 0..<sum.count { sum[index] += factor * Double(row[index]) }
      }
      for value in sum { step.append(Float(value / divisor)) }
    }
    return step
  }
}

/// What a selecting strategy makes of a round.
package struct Selection: Sendable {
  /// What is added to the global model.
  package let step: [Float]
  /// One for each update, in their order, where the strategy says of single updates what they are.
  package let verdicts: [Verdict]

  package init(step: [Float], verdicts: [Verdict] = []) {
    self.step = step
    self.verdicts = verdicts
  }
}

/// What was made of one site's update.
package struct Verdict: Sendable, Equatable, Codable {
  package let site: String
  /// Its share in the step, 0 where it was turned down; nil where it has none of its own, as in a median.
  package let share: Double?
  /// Why the site is suspected; nil: it is not.
  package let suspicion: String?

  package init(site: String, share: Double?, suspicion: String? = nil) {
    (self.site, self.share, self.suspicion) = (site, share, suspicion)
  }
}

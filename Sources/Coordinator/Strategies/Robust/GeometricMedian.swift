/// The geometric median of the updates (Pillutla et al., arXiv 1912.13445, robust federated averaging) by the smoothed Weiszfeld
/// algorithm: from the weighted mean on, βᵢ = αᵢ / max(ν, ‖v − Δᵢ‖) and v ← Σ βᵢ·Δᵢ / Σ βᵢ, with αᵢ the sites' weights, which
/// sum to 1.
///
/// It withstands hostile sites of less than half of the weight. Each v is a mean Σ wⱼ·Δⱼ of the updates, so its distances to them
/// follow from their products, ‖v − Δᵢ‖² = Σⱼₖ wⱼ·wₖ·pⱼₖ − 2·Σⱼ wⱼ·pᵢⱼ + pᵢᵢ, and steps cost next to nothing. The paper takes a
/// few, since each is a message to every site there; but each only takes a far update's pull down to a fraction.
package struct GeometricMedian: SelectingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "rfa", summary: "the geometric median of the updates", paper: "arXiv 1912.13445",
    needs: .individualUpdates,
    parameters: [
      .init(
        "nu", default: 1e-6, range: 1e-12...1, meaning: "nearer than this an update does not count for more"),
      .init(
        "iterations", default: 1000, range: 1...100_000, isWhole: true,
        meaning: "most steps of the Weiszfeld algorithm"),
    ])

  /// It ends when no weight changes by more than this part of it. Not when the objective settles, which a far update's own
  /// distance outweighs while its pull still falls.
  private static let tolerance = 1e-9

  private let smoothing: Double
  private let iterations: Int

  package init(_ parameters: StrategyParameters) {
    smoothing = parameters["nu"]
    iterations = Int(parameters["iterations"])
  }

  package func select(_ updates: SiteUpdates) throws -> Selection {
    let geometry = try UpdateGeometry(updates, withProducts: true)
    let total = updates.weights.reduce(0, +)
    let fair = updates.weights.map { $0 / total }
    let shares = weights(geometry.centredProducts, fair)
    return Selection(
      step: try updates.sum(shares.enumerated().map { ($0.offset, $0.element) }),
      verdicts: UpdateScreen(geometry).verdicts(
        of: updates, shares: shares, remarks: Self.remarks(shares, fair)))
  }

  private func weights(_ products: [[Double]], _ fair: [Double]) -> [Double] {
    var weights = fair
    for _ in 0..<iterations {
      let pulls = zip(fair, Self.distances(to: weights, products)).map { $0 / max(smoothing, $1) }
      let sum = pulls.reduce(0, +)
      let next = pulls.map { $0 / sum }
      let isDone = zip(weights, next).allSatisfy { abs($1 - $0) <= Self.tolerance * $0 }
      weights = next
      if isDone { break }
    }
    return weights
  }

  /// How far the mean with these weights lies from each update.
  private static func distances(to weights: [Double], _ products: [[Double]]) -> [Double] {
    let rows = products.map { row in zip(weights, row).reduce(0.0) { $0 + $1.0 * $1.1 } }
    let square = zip(weights, rows).reduce(0.0) { $0 + $1.0 * $1.1 }
    return rows.indices.map { max(0, square - 2 * rows[$0] + products[$0][$0]).squareRoot() }
  }

  /// An update is far off whose share is below a quarter of its weight; not where half of them are: then the median merely lies on
  /// one of few.
  private static func remarks(_ shares: [Double], _ fair: [Double]) -> [Int: String] {
    let low = shares.indices.filter { shares[$0] < fair[$0] / 4 }
    guard 2 * low.count < shares.count else { return [:] }
    return Dictionary(
      uniqueKeysWithValues: low.map {
        let part = UpdateScreen.written(shares[$0] / fair[$0], digits: 2)
        return ($0, "far off: its share in the geometric median is \(part) of its weight")
      })
  }
}

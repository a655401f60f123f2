/// Trust by the coordinator's own update Δ₀, trained on a few cases that it knows to be clean (Cao et al., arXiv 2012.13995):
/// with TSᵢ = max(0, cos(Δᵢ, Δ₀)), the step is Σ TSᵢ·(‖Δ₀‖/‖Δᵢ‖)·Δᵢ / Σ TSᵢ; none where no site is trusted.
///
/// It withstands any number of hostile sites, as far as the coordinator's cases stand for those of the sites.
package struct FLTrust: SelectingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "fltrust", summary: "averaging by agreement with an update of the coordinator's own",
    paper: "arXiv 2012.13995", needs: .individualUpdates, takesWeights: false, needsRoot: true)

  package init(_ parameters: StrategyParameters) {}

  /// Throws `StrategyError.noRoot` without an update of the coordinator's own.
  package func select(_ updates: SiteUpdates) throws -> Selection {
    guard let root = updates.root else { throw StrategyError.noRoot(strategy: name) }
    var products = [Double](repeating: 0, count: updates.count)
    var rootSquare = 0.0
    try updates.forEachBlock { range, rows in
      for (index, place) in range.enumerated() {
        let own = Double(root[place])
        rootSquare += own * own
        for site in rows.indices { products[site] += Double(rows[site][index]) * own }
      }
    }
    let geometry = try UpdateGeometry(updates)
    let trust = products.indices.map {
      max(0, UpdateGeometry.cosine(products[$0], geometry.squares[$0], rootSquare))
    }
    let total = trust.reduce(0, +)
    let length = rootSquare.squareRoot()
    let terms = trust.indices.filter { trust[$0] > 0 }.map {
      (site: $0, factor: trust[$0] * (length / geometry.squares[$0].squareRoot()))
    }
    let distrusted = trust.indices.filter { rootSquare > 0 && geometry.squares[$0] > 0 && trust[$0] == 0 }
    return Selection(
      step: try updates.sum(terms, over: total > 0 ? total : 1),
      verdicts: UpdateScreen(geometry).verdicts(
        of: updates, shares: trust.map { total > 0 ? $0 / total : 0 },
        remarks: Dictionary(
          uniqueKeysWithValues: distrusted.map { ($0, "points away from the coordinator's own update") })))
  }
}

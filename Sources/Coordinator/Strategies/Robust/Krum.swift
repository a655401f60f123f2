/// The one update whose neighbours are nearest (Blanchard et al., arXiv 1703.02757): an update's score is the sum of the squared
/// distances to its n − f − 2 nearest others, f being the number of hostile sites; the least wins, the first by name of equals.
package struct Krum: SelectingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "krum", summary: "the one update that lies nearest to its neighbours", paper: "arXiv 1703.02757",
    needs: .individualUpdates, parameters: [KrumRanking.hostile], takesWeights: false, minimumSites: 5)

  private let ranking: KrumRanking

  package init(_ parameters: StrategyParameters) {
    ranking = KrumRanking(parameters)
  }

  package var minimumSites: Int { ranking.minimumSites }

  package func select(_ updates: SiteUpdates) throws -> Selection {
    let geometry = try UpdateGeometry(updates)
    let best = ranking.order(geometry)[0]
    return Selection(
      step: try updates.update(best),
      verdicts: UpdateScreen(geometry).verdicts(
        of: updates, shares: (0..<updates.count).map { $0 == best ? 1 : 0 }))
  }
}

/// What Krum and Multi-Krum share.
struct KrumRanking: Sendable {
  static let hostile = StrategyDescriptor.Parameter(
    "hostile", default: 1, range: 0...1000, isWhole: true, meaning: "hostile sites that it is to withstand")

  let hostile: Int

  init(_ parameters: StrategyParameters) {
    hostile = Int(parameters["hostile"])
  }

  /// The paper's 2f + 2 < n.
  var minimumSites: Int { 2 * hostile + 3 }

  /// The updates by their scores, the best first, of equals the first by name.
  func order(_ geometry: UpdateGeometry) -> [Int] {
    let sites = geometry.distances.count
    precondition(sites >= minimumSites, "\(sites) updates, \(minimumSites) or more are asked for")
    let scores = geometry.distances.indices.map { site in
      var others = geometry.distances[site]
      others.remove(at: site)
      return others.sorted().prefix(sites - hostile - 2).reduce(0, +)
    }
    return scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }
  }
}

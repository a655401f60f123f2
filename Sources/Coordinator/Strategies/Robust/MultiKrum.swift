/// The plain mean of the updates with the best of Krum's scores (Blanchard et al., arXiv 1703.02757, section on Multi-Krum).
///
/// The paper leaves open how many those are, from 1 (Krum) to n (averaging); `keep` 0 stands for n − f, as ByzFL has it. A `keep`
/// above that lets hostile updates in.
package struct MultiKrum: SelectingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "multikrum", summary: "the mean of the updates that lie nearest to their neighbours",
    paper: "arXiv 1703.02757", needs: .individualUpdates,
    parameters: [
      KrumRanking.hostile,
      .init(
        "keep", default: 0, range: 0...1000, isWhole: true,
        meaning: "updates that are averaged; 0: all but as many as are hostile"),
    ],
    takesWeights: false, minimumSites: 5)

  private let ranking: KrumRanking
  private let keep: Int

  package init(_ parameters: StrategyParameters) {
    ranking = KrumRanking(parameters)
    keep = Int(parameters["keep"])
  }

  package var minimumSites: Int { max(keep, ranking.minimumSites) }

  package func select(_ updates: SiteUpdates) throws -> Selection {
    let geometry = try UpdateGeometry(updates)
    let count = keep == 0 ? updates.count - ranking.hostile : keep
    precondition(count <= updates.count, "\(updates.count) updates, of which \(count) are to be kept")
    let best = ranking.order(geometry).prefix(count)
    let taken = Set(best)
    return Selection(
      step: try updates.sum(best.map { ($0, 1) }, over: Double(count)),
      verdicts: UpdateScreen(geometry).verdicts(
        of: updates, shares: (0..<updates.count).map { taken.contains($0) ? 1 / Double(count) : 0 }))
  }
}

/// The mean of what is left of each element's values after the ⌊trim·n⌋ largest and as many smallest are cut off (Yin et al.,
/// arXiv 1803.01498, option II; as `scipy.stats.trim_mean` has it); sites count alike.
package struct TrimmedMean: SelectingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "trimmedmean", summary: "the mean of each element without its largest and smallest values",
    paper: "arXiv 1803.01498", needs: .individualUpdates,
    parameters: [
      .init("trim", default: 0.2, range: 0.01...0.49, meaning: "the part that is cut off at each end")
    ],
    takesWeights: false, minimumSites: 5)

  private let trim: Double

  package init(_ parameters: StrategyParameters) {
    trim = parameters["trim"]
  }

  /// Of fewer sites none would be cut off: it would be a plain mean, which withstands nothing.
  package var minimumSites: Int {
    var sites = 3
    while cut(sites) < 1 { sites += 1 }
    return sites
  }

  private func cut(_ sites: Int) -> Int { Int(trim * Double(sites)) }

  package func select(_ updates: SiteUpdates) throws -> Selection {
    let cut = cut(updates.count)
    let kept = cut..<(updates.count - cut)
    var step: [Float] = []
    step.reserveCapacity(updates.size)
    var column = SortedColumn(sites: updates.count)
    try updates.forEachBlock { range, rows in
      for index in 0..<range.count {
        column.take(index, of: rows)
        var sum = 0.0
        for place in kept { sum += Double(column.values[place]) }
        step.append(Float(sum / Double(kept.count)))
      }
    }
    return Selection(step: step, verdicts: UpdateScreen(try UpdateGeometry(updates)).verdicts(of: updates))
  }
}

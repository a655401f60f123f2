/// The median of the sites' updates, element by element (Yin et al., arXiv 1803.01498, option I); sites count alike.
///
/// It withstands fewer hostile sites than half. Of one or two sites it is their mean and withstands none, but is defined.
package struct CoordinateMedian: SelectingStrategy {
  package static let descriptor = StrategyDescriptor(
    name: "median", summary: "the median of the updates, element by element", paper: "arXiv 1803.01498",
    needs: .individualUpdates, takesWeights: false)

  package init(_ parameters: StrategyParameters) {}

  package func select(_ updates: SiteUpdates) throws -> Selection {
    var step: [Float] = []
    step.reserveCapacity(updates.size)
    var column = SortedColumn(sites: updates.count)
    try updates.forEachBlock { range, rows in
      for index in 0..<range.count {
        column.take(index, of: rows)
        step.append(Float(column.median))
      }
    }
    return Selection(step: step, verdicts: UpdateScreen(try UpdateGeometry(updates)).verdicts(of: updates))
  }
}

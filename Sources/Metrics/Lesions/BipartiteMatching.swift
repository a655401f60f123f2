/// Maximum weight matching of two sets, one to one.
package enum BipartiteMatching {
  package struct Edge: Sendable, Equatable {
    package let left: Int
    package let right: Int
    /// 0 to 1.
    package let weight: Double

    package init(left: Int, right: Int, weight: Double) {
      self.left = left
      self.right = right
      self.weight = weight
    }
  }

  /// The edges of a matching with the largest sum of weights (and one millionth for each edge, as panoptica's costs have
  /// it), by their left ends.
  package static func best(_ edges: [Edge]) -> [Edge] {
    groups(edges).flatMap { bestOfGroup($0) }.sorted { $0.left < $1.left }
  }

  /// Edges that hang together, directly or through others: matchings of two groups do not meddle with each other.
  private static func groups(_ edges: [Edge]) -> [[Edge]] {
    var parent = Array(edges.indices)
    func root(_ edge: Int) -> Int {
      var edge = edge
      while parent[edge] != edge {
        parent[edge] = parent[parent[edge]]
        edge = parent[edge]
      }
      return edge
    }
    var (byLeft, byRight): ([Int: Int], [Int: Int]) = ([:], [:])
    for (index, edge) in edges.enumerated() {
      for other in [byLeft[edge.left], byRight[edge.right]].compactMap({ $0 }) {
        let (one, two) = (root(index), root(other))
        parent[max(one, two)] = min(one, two)
      }
      byLeft[edge.left] = index
      byRight[edge.right] = index
    }
    var groups = [[Edge]](repeating: [], count: edges.count)
    for (index, edge) in edges.enumerated() { groups[root(index)].append(edge) }
    return groups.filter { !$0.isEmpty }
  }

  private static func bestOfGroup(_ edges: [Edge]) -> [Edge] {
    if edges.count == 1 { return edges }
    let lefts = Set(edges.map(\.left)).sorted()
    let rights = Set(edges.map(\.right)).sorted()
    let leftIndex = Dictionary(uniqueKeysWithValues: lefts.enumerated().map { ($1, $0) })
    let rightIndex = Dictionary(uniqueKeysWithValues: rights.enumerated().map { ($1, $0) })
    // Every left end gets a right one: a pair without an edge costs more than any with one, and is dropped.
    let isWide = lefts.count <= rights.count
    let (rows, columns) = (min(lefts.count, rights.count), max(lefts.count, rights.count))
    var costs = [Double](repeating: 1 + 1e-6, count: rows * columns)
    var edgeAt = [Int?](repeating: nil, count: rows * columns)
    for (index, edge) in edges.enumerated() {
      let (left, right) = (leftIndex[edge.left]!, rightIndex[edge.right]!)
      let place = isWide ? left * columns + right : right * columns + left
      costs[place] = 1 - edge.weight
      edgeAt[place] = index
    }
    let columnOfRow = assignment(costs, rows: rows, columns: columns)
    return columnOfRow.enumerated().compactMap { row, column in edgeAt[row * columns + column] }
      .map { edges[$0] }
  }

  /// A column for each row (no more rows than columns) with the least sum of costs: shortest augmenting paths
  /// (Crouse 2016, "On implementing 2D rectangular assignment algorithms").
  static func assignment(_ costs: [Double], rows: Int, columns: Int) -> [Int] {
    precondition(rows <= columns && costs.count == rows * columns, "a cost for each row and column")
    var (rowPrice, columnPrice) = (
      [Double](repeating: 0, count: rows), [Double](repeating: 0, count: columns)
    )
    var columnOfRow = [Int](repeating: -1, count: rows)
    var rowOfColumn = [Int](repeating: -1, count: columns)
    for start in 0..<rows {
      var shortest = [Double](repeating: .infinity, count: columns)
      var previous = [Int](repeating: -1, count: columns)
      var (rowIsSeen, columnIsSeen) = (
        [Bool](repeating: false, count: rows), [Bool](repeating: false, count: columns)
      )
      var (row, least, sink) = (start, 0.0, -1)
      while sink < 0 {
        rowIsSeen[row] = true
        var (next, lowest) = (-1, Double.infinity)
        // From the last on, as SciPy does: of equal matchings the same one is found.
        for column in (0..<columns).reversed() where !columnIsSeen[column] {
          let path = least + costs[row * columns + column] - rowPrice[row] - columnPrice[column]
          if path < shortest[column] { (shortest[column], previous[column]) = (path, row) }
          // Of equal paths one that ends here.
          if shortest[column] < lowest || (shortest[column] == lowest && rowOfColumn[column] < 0) {
            (lowest, next) = (shortest[column], column)
          }
        }
        least = lowest
        columnIsSeen[next] = true
        if rowOfColumn[next] < 0 { sink = next } else { row = rowOfColumn[next] }
      }
      rowPrice[start] += least
      for other in 0..<rows where rowIsSeen[other] && other != start {
        rowPrice[other] += least - shortest[columnOfRow[other]]
      }
      for column in 0..<columns where columnIsSeen[column] {
        columnPrice[column] -= least - shortest[column]
      }
      var column = sink
      while true {
        let row = previous[column]
        rowOfColumn[column] = row
        swap(&columnOfRow[row], &column)
        if row == start { break }
      }
    }
    return columnOfRow
  }
}

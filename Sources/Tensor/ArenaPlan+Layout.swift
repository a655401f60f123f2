extension ArenaPlan {
  /// Offsets for all places, each as low as those that live with it allow.
  ///
  /// The order decides: the largest first, of equals those that are needed longest. While the arena is larger than
  /// what is in use at once, places that stick out are put first and all is laid out anew ("squeaky wheel"
  /// optimisation, Joslin & Clements 1999).
  package func layout() -> ArenaLayout {
    let least = leastCount
    let neighbours = neighbours
    let lastUses = lifetimes.map { $0.map(\.upperBound).max() ?? -1 }
    var order = counts.indices.sorted { (counts[$1], lastUses[$1], $0) < (counts[$0], lastUses[$0], $1) }
    var best = layout(order, neighbours)
    var latest = best
    for _ in 0..<Self.rounds where best.count > least {
      let ends = latest.offsets.indices.map { latest.offsets[$0] + counts[$0] }
      order = order.filter { ends[$0] > least } + order.filter { ends[$0] <= least }
      latest = layout(order, neighbours)
      if latest.count < best.count { best = latest }
    }
    return best
  }

  private static let rounds = 60

  private func layout(_ order: [Int], _ neighbours: [[Int]]) -> ArenaLayout {
    var offsets = [Int](repeating: -1, count: counts.count)
    var total = 0
    for index in order {
      var offset = 0
      for other in neighbours[index].filter({ offsets[$0] >= 0 }).sorted(by: { offsets[$0] < offsets[$1] }) {
        if offset + counts[index] <= offsets[other] { break }
        offset = max(offset, offsets[other] + counts[other])
      }
      offsets[index] = offset
      total = max(total, offset + counts[index])
    }
    return ArenaLayout(offsets: offsets, count: total)
  }

  /// The places that are in use at some moment with each place.
  private var neighbours: [[Int]] {
    counts.indices.map { a in counts.indices.filter { b in a != b && overlaps(a, b) } }
  }

  private func overlaps(_ a: Int, _ b: Int) -> Bool {
    lifetimes[a].contains { first in lifetimes[b].contains { first.overlaps($0) } }
  }
}

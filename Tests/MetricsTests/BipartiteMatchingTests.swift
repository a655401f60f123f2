import Foundations
import Metrics
import Testing

@Suite struct BipartiteMatchingTests {
  /// The sum of weights is that of the best of all matchings, tried one by one.
  @Test func noMatchingIsBetter() {
    var random = RandomStream(seed: 4, purpose: .test)
    for _ in 0..<200 {
      let (lefts, rights) = (1 + random.integer(below: 5), 1 + random.integer(below: 5))
      var edges: [BipartiteMatching.Edge] = []
      for left in 0..<lefts {
        for right in 0..<rights where random.uniform() < 0.6 {
          edges.append(.init(left: left, right: right, weight: random.uniform()))
        }
      }
      let found = BipartiteMatching.best(edges)
      #expect(Set(found.map(\.left)).count == found.count && Set(found.map(\.right)).count == found.count)
      #expect(found.allSatisfy { edges.contains($0) })
      let sum = found.reduce(0) { $0 + $1.weight }
      #expect(abs(sum - best(edges[...], without: [])) < 1e-9)
    }
  }

  private func best(_ edges: ArraySlice<BipartiteMatching.Edge>, without used: Set<Int>) -> Double {
    guard let edge = edges.first else { return 0 }
    let skipped = best(edges.dropFirst(), without: used)
    let ends: Set = [edge.left, -1 - edge.right]
    if !used.isDisjoint(with: ends) { return skipped }
    return max(skipped, edge.weight + best(edges.dropFirst(), without: used.union(ends)))
  }
}

/// One allocation that holds every activation, gradient and statistic of a compiled network, planned by lifetime.
///
/// Places are reserved first, each with the times at which it is in use; two places share memory only
/// where they are never in use at once. The offsets follow from the plan alone.
package struct ArenaPlan {
  /// A place reserved in the arena.
  package struct Place: Sendable, Hashable {
    fileprivate let index: Int
    /// Values.
    package let count: Int

    /// No values: what a network compiled for inference has instead of gradients.
    package static let none = Place(index: -1, count: 0)
  }

  private var counts: [Int] = []
  /// First and last time of use of each place's stretches.
  private var lifetimes: [[ClosedRange<Int>]] = []

  package init() {}

  /// Reserves `count` values on a 64-byte boundary, in use at no time yet.
  package mutating func reserve(_ count: Int) -> Place {
    if count == 0 { return .none }
    counts.append((count + 15) / 16 * 16)
    lifetimes.append([])
    return Place(index: counts.count - 1, count: count)
  }

  /// Notes that a place holds values from `times`' first to its last moment.
  package mutating func use(_ place: Place, during times: ClosedRange<Int>) {
    if place.index >= 0 { lifetimes[place.index].append(times) }
  }

  /// Offsets for all places: the largest first, each as low as those that live with it allow.
  package func layout() -> ArenaLayout {
    var offsets = [Int](repeating: 0, count: counts.count)
    var placed: [Int] = []
    var total = 0
    for index in counts.indices.sorted(by: { (counts[$1], $0) < (counts[$0], $1) }) {
      let neighbours = placed.filter { overlaps(index, $0) }.map { offsets[$0]..<(offsets[$0] + counts[$0]) }
      var offset = 0
      for taken in neighbours.sorted(by: { $0.lowerBound < $1.lowerBound }) {
        if offset + counts[index] <= taken.lowerBound { break }
        offset = max(offset, taken.upperBound)
      }
      offsets[index] = offset
      total = max(total, offset + counts[index])
      placed.append(index)
    }
    return ArenaLayout(offsets: offsets, count: total)
  }

  private func overlaps(_ a: Int, _ b: Int) -> Bool {
    lifetimes[a].contains { first in lifetimes[b].contains { first.overlaps($0) } }
  }
}

/// Where the places of an `ArenaPlan` lie.
package struct ArenaLayout: Sendable {
  private let offsets: [Int]
  /// Values of the whole arena.
  package let count: Int

  fileprivate init(offsets: [Int], count: Int) {
    self.offsets = offsets
    self.count = count
  }

  /// Bytes of the whole arena.
  package var bytes: Int { count * MemoryLayout<Float>.stride }

  /// A place's first value, counted from the arena's.
  package func offset(_ place: ArenaPlan.Place) -> Int { place.index < 0 ? 0 : offsets[place.index] }
}

/// One allocation that holds every activation, gradient and statistic of a compiled network, planned by lifetime.
///
/// Places are reserved first, each with the times at which it is in use; two places share memory only
/// where they are never in use at once. The offsets follow from the plan alone.
package struct ArenaPlan {
  /// A place reserved in the arena.
  package struct Place: Sendable, Hashable {
    /// Its number in the order of reservation; -1 for no values.
    package let index: Int
    /// Values.
    package let count: Int

    /// No values: what a network compiled for inference has instead of gradients.
    package static let none = Place(index: -1, count: 0)
  }

  private(set) var counts: [Int] = []
  /// First and last time of use of each place's stretches.
  private(set) var lifetimes: [[ClosedRange<Int>]] = []

  package init() {}

  /// Places reserved so far.
  package var placeCount: Int { counts.count }

  /// Reserves `count` values on a 64-byte boundary, in use at no time yet.
  package mutating func reserve(_ count: Int) -> Place {
    if count == 0 { return .none }
    counts.append((count + 15) / 16 * 16)
    lifetimes.append([])
    return Place(index: counts.count - 1, count: count)
  }

  /// Values that a place takes, up to its boundary.
  package func reserved(_ place: Place) -> Int { place.index < 0 ? 0 : counts[place.index] }

  /// Notes that a place holds values from `times`' first to its last moment.
  package mutating func use(_ place: Place, during times: ClosedRange<Int>) {
    if place.index >= 0 { lifetimes[place.index].append(times) }
  }

  /// Values in use at each moment, places rounded up as they are reserved.
  package func liveCounts() -> [Int] {
    var changes = [Int](repeating: 0, count: moments + 1)
    for (count, stretches) in zip(counts, lifetimes) {
      for stretch in Self.merged(stretches) {
        changes[stretch.lowerBound] += count
        changes[stretch.upperBound + 1] -= count
      }
    }
    var live = 0
    return changes.dropLast().map { change in
      live += change
      return live
    }
  }

  /// The most values in use at once: no layout is smaller.
  package var leastCount: Int { liveCounts().max() ?? 0 }

  private var moments: Int { (lifetimes.joined().map(\.upperBound).max() ?? -1) + 1 }

  /// The same times without overlaps, in order.
  private static func merged(_ stretches: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
    var result: [ClosedRange<Int>] = []
    for stretch in stretches.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, stretch.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound...max(last.upperBound, stretch.upperBound)
      } else {
        result.append(stretch)
      }
    }
    return result
  }
}

/// Where the places of an `ArenaPlan` lie.
package struct ArenaLayout: Sendable {
  let offsets: [Int]
  /// Values of the whole arena.
  package let count: Int

  init(offsets: [Int], count: Int) {
    self.offsets = offsets
    self.count = count
  }

  /// Bytes of the whole arena.
  package var bytes: Int { count * MemoryLayout<Float>.stride }

  /// A place's first value, counted from the arena's.
  package func offset(_ place: ArenaPlan.Place) -> Int { place.index < 0 ? 0 : offsets[place.index] }
}

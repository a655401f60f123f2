import Foundations

/// Distances in mm from the surface of each of two masks to the other's, neither empty.
struct SurfaceDistances {
  /// One direction's distances, ascending, and what each counts: area in mm² (length in mm in a picture), or one.
  struct Direction {
    let distances: [Double]
    /// nil where every distance counts the same.
    let areas: [Double]?

    var total: Double { areas?.pairwiseSum ?? Double(distances.count) }

    /// Weighted mean.
    var mean: Double { weightedSum / total }

    var weightedSum: Double {
      guard let areas else { return distances.reduce(0, +) }
      return zip(distances, areas).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// What is no further than `tolerance` mm.
    func within(_ tolerance: Double) -> Double {
      let near = distances.partitioningIndex { $0 > tolerance }
      return areas?[..<near].reduce(0, +) ?? Double(near)
    }

    /// The first distance with at least `percent` of a hundred of the area at it or below.
    func percentileByArea(_ percent: Double) -> Double {
      guard let areas else { return distances.percentile(percent) }
      let total = total
      var sum = 0.0
      for (distance, area) in zip(distances, areas) {
        sum += area
        if sum / total >= percent / 100 { return distance }
      }
      return distances[distances.count - 1]
    }
  }

  let fromPrediction: Direction
  let fromReference: Direction
  private let rule: SurfaceRule

  /// Distances between two masks (1 inside, 0 outside) that fill the same box.
  init(
    prediction: [UInt8], reference: [UInt8], size: SIMD3<Int>, spacing: SIMD3<Double>, isPicture: Bool,
    rule: SurfaceRule, loop: ParallelLoop
  ) {
    func surface(_ mask: [UInt8]) -> MaskSurface {
      MaskSurface(
        of: mask, size: size, spacing: spacing, isPicture: isPicture, kind: rule.kind, loop: loop)
    }
    let (predicted, expected) = (surface(prediction), surface(reference))
    self.rule = rule
    let unsorted = [
      Self.distances(from: predicted, to: expected, spacing, loop),
      Self.distances(from: expected, to: predicted, spacing, loop),
    ]
    var directions = [Direction?](repeating: nil, count: 2)
    directions.withUnsafeMutableBufferPointer { directions in
      // Safe: each piece writes its own place.
      nonisolated(unsafe) let directions = directions
      loop.forEach(2) { index, _ in directions[index] = Self.sorted(unsorted[index], predicted.areas, rule) }
    }
    fromPrediction = directions[0]!
    fromReference = directions[1]!
  }

  /// One place of a surface: its distance in mm to the other, and its mark.
  private struct Element {
    let distance: Double
    let mark: UInt8
  }

  private static func distances(
    from surface: MaskSurface, to other: MaskSurface, _ spacing: SIMD3<Double>, _ loop: ParallelLoop
  ) -> [Element] {
    let squares = DistanceTransform.squared(
      to: other.marks, size: other.size, spacing: spacing, loop: loop)
    let slice = surface.size.x * surface.size.y
    var slices = [[Element]](repeating: [], count: surface.size.z)
    slices.withUnsafeMutableBufferPointer { slices in
      surface.marks.withUnsafeBufferPointer { marks in
        squares.withUnsafeBufferPointer { squares in
          // Safe: each piece writes its own place.
          nonisolated(unsafe) let slices = slices
          loop.forEach(slices.count) { k, _ in
            var found: [Element] = []
            for place in k * slice..<(k + 1) * slice where marks[place] != 0 {
              found.append(Element(distance: squares[place].squareRoot(), mark: marks[place]))
            }
            slices[k] = found
          }
        }
      }
    }
    return slices.flatMap { $0 }
  }

  private static func sorted(_ elements: [Element], _ areas: [Double]?, _ rule: SurfaceRule) -> Direction {
    guard let areas else {
      var distances = elements.map { rule.rounded($0.distance) }
      distances.sort()
      return Direction(distances: distances, areas: nil)
    }
    let sorted = elements.sorted { one, other in
      one.distance == other.distance
        ? areas[Int(one.mark)] < areas[Int(other.mark)] : one.distance < other.distance
    }
    return Direction(distances: sorted.map(\.distance), areas: sorted.map { areas[Int($0.mark)] })
  }

  /// The Hausdorff distance, or a percentile of it below 100, by the rule.
  func hausdorff(percent: Double) -> Double {
    if percent == 100 { return max(fromPrediction.distances.last!, fromReference.distances.last!) }
    switch rule.percentile {
    case .linearOfEach:
      return max(
        fromPrediction.distances.percentile(percent), fromReference.distances.percentile(percent))
    case .linearOfBoth:
      var both = fromPrediction.distances + fromReference.distances
      both.sort()
      return both.percentile(percent)
    case .byAreaOfEach:
      return max(
        fromPrediction.percentileByArea(percent), fromReference.percentileByArea(percent))
    }
  }

  /// The average symmetric surface distance.
  var averageSymmetric: Double {
    switch rule.average {
    case .together:
      (fromPrediction.weightedSum + fromReference.weightedSum)
        / (fromPrediction.total + fromReference.total)
    case .eachAlike: (fromPrediction.mean + fromReference.mean) / 2
    }
  }

  /// The share of both surfaces that is no further than `tolerance` mm from the other.
  func surfaceDice(tolerance: Double) -> Double {
    let tolerance = rule.rounded(tolerance)
    let (one, other) = (fromPrediction.within(tolerance), fromReference.within(tolerance))
    return switch rule.overlap {
    case .together: (one + other) / (fromPrediction.total + fromReference.total)
    case .eachAlike: (one / fromPrediction.total + other / fromReference.total) / 2
    }
  }
}

extension Array {
  /// The first index whose element belongs to the second half, in an array ordered by it.
  fileprivate func partitioningIndex(where belongsToSecond: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongsToSecond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

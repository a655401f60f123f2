import Foundation
import Imaging

/// How a site's contrasts and labels look, in numbers without unit: means over its cases.
///
/// Tells a contrast from another and a label from another by what is in the scans, whatever files and values are called.
package struct ContrastProfile: Sendable, Equatable, Codable {
  /// Mean of each label (but background) in each contrast, after the brain was brought to mean 0 and deviation 1; nil where no case
  /// has enough of the label.
  package var labels: [[Double?]]
  /// Correlation between contrasts over the brain.
  package var correlations: [[Double]]
  /// Skewness of each contrast over the brain.
  package var skewness: [Double]

  /// Voxels of a label without which its mean tells nothing.
  private static let fewest = 20
  /// Voxels of a case that are looked at: every so many, that there are no more.
  private static let most = 200_000

  /// Of one case; nil where it has no brain. `scans` in the study's order, labels in the study's without background.
  init?(scans: [Volume], map: LabelVolume, labels values: [UInt16]) {
    let count = map.labels.count
    let stride = max(1, count / Self.most)
    var places: [Int] = []
    for index in Swift.stride(from: 0, to: count, by: stride)
    where scans.contains(where: { $0.voxels[index] != 0 }) {
      places.append(index)
    }
    guard places.count > Self.fewest else { return nil }
    let scaled = scans.map { scan -> [Double] in
      let values = places.map { Double(scan.voxels[$0]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
        .squareRoot()
      return values.map { deviation > 0 ? ($0 - mean) / deviation : 0 }
    }
    let found = places.map { map.labels[$0] }
    labels = values.map { value in
      let own = found.indices.filter { found[$0] == value }
      return scaled.map { contrast in
        own.count < Self.fewest ? nil : own.reduce(0) { $0 + contrast[$1] } / Double(own.count)
      }
    }
    func mean(_ body: (Int) -> Double) -> Double {
      places.indices.reduce(0) { $0 + body($1) } / Double(places.count)
    }
    correlations = scaled.map { first in scaled.map { second in mean { first[$0] * second[$0] } } }
    skewness = scaled.map { contrast in mean { contrast[$0] * contrast[$0] * contrast[$0] } }
  }

  /// The mean of several, value by value; nil of fewer than `least`, as is a label's that fewer have: it would tell of single cases.
  init?(meanOf profiles: [ContrastProfile], least: Int) {
    guard profiles.count >= least,
      let combined = Self.combined(profiles, least: least, { $0.reduce(0, +) / Double($0.count) })
    else { return nil }
    self = combined
  }

  /// The median of several, value by value: one odd site does not move it.
  static func median(of profiles: [ContrastProfile]) -> ContrastProfile? {
    combined(profiles, least: 1) { values in
      let sorted = values.sorted()
      return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
  }

  private static func combined(
    _ profiles: [ContrastProfile], least: Int, _ body: ([Double]) -> Double
  ) -> ContrastProfile? {
    guard var result = profiles.first else { return nil }
    for label in result.labels.indices {
      for contrast in result.labels[label].indices {
        let values = profiles.compactMap { $0.labels[label][contrast] }
        result.labels[label][contrast] = values.count < least || values.isEmpty ? nil : body(values)
      }
    }
    for first in result.correlations.indices {
      for second in result.correlations.indices {
        result.correlations[first][second] = body(profiles.map { $0.correlations[first][second] })
      }
      result.skewness[first] = body(profiles.map { $0.skewness[first] })
    }
    return result
  }

  // MARK: Which is which

  /// The contrasts that this site's files seem to hold, by their place in `reference`; nil where they are what they are called.
  package func contrastOrder(against reference: ContrastProfile) -> [Int]? {
    order(of: skewness.count) { distance(to: reference, contrasts: $0) }
  }

  /// The labels that this site's values seem to mean, by their place in `reference`.
  package func labelOrder(against reference: ContrastProfile) -> [Int]? {
    order(of: labels.count) { distance(to: reference, labels: $0) }
  }

  /// Another order is believed where it brings the site much nearer to the others. Set by the simulated sites of two profiles: where
  /// names are right no other order comes below 0.9 of their distance, where two are exchanged the right one comes to 0.5 at most. What
  /// differs in nothing (T1 without and with contrast agent where nothing enhances) cannot be told.
  private static let believed = 0.55
  /// What sites differ by in any case.
  private static let least = 0.5

  private func order(of count: Int, _ distance: ([Int]) -> Double) -> [Int]? {
    let named = Array(0..<count)
    let own = distance(named)
    let best = Self.orders(count).filter { $0 != named }.map { ($0, distance($0)) }.min { $0.1 < $1.1 }
    guard let best, best.1 < Self.believed * own, own - best.1 > Self.least else { return nil }
    return best.0
  }

  /// All orders of a few, exchanges of two of more.
  private static func orders(_ count: Int) -> [[Int]] {
    if count <= 5 {
      return (0..<count).reduce([[]]) { found, _ in
        found.flatMap { order in (0..<count).filter { !order.contains($0) }.map { order + [$0] } }
      }
    }
    return (0..<count).flatMap { first in
      (first + 1..<max(first + 1, count)).map { second in
        var order = Array(0..<count)
        order.swapAt(first, second)
        return order
      }
    }
  }

  private func distance(to other: ContrastProfile, contrasts order: [Int]) -> Double {
    var sum = 0.0
    var compared = 0
    for label in labels.indices {
      for contrast in order.indices {
        guard let own = labels[label][contrast], let their = other.labels[label][order[contrast]] else {
          continue
        }
        sum += (own - their) * (own - their)
        compared += 1
      }
    }
    sum *= compared > 0 ? Double(order.count) / Double(compared) : 0
    for first in order.indices {
      for second in 0..<first {
        let apart = correlations[first][second] - other.correlations[order[first]][order[second]]
        sum += 2 * apart * apart
      }
      let apart = skewness[first] - other.skewness[order[first]]
      sum += apart * apart / 4
    }
    return sum
  }

  private func distance(to other: ContrastProfile, labels order: [Int]) -> Double {
    var (sum, compared) = (0.0, 0)
    for label in order.indices {
      for contrast in labels[label].indices {
        guard let own = labels[label][contrast], let their = other.labels[order[label]][contrast] else {
          continue
        }
        sum += (own - their) * (own - their)
        compared += 1
      }
    }
    return compared > 0 ? sum * Double(order.count) / Double(compared) : 0
  }
}

import Foundations

/// Wilcoxon's signed-rank test of pairs, two-sided (Wilcoxon 1945), as `scipy.stats.wilcoxon` does it by default (1.13 and later).
///
/// Pairs without a difference are left out. The p-value is exact where no differences are equal or zero in size and there are at
/// most 50; with ties or zeros it is exact up to 13 pairs; else it is the normal approximation with its correction for ties, and
/// none for continuity.
package struct SignedRankTest: Sendable, Equatable {
  /// Pairs that differ.
  package let count: Int
  /// The smaller of the two sums of ranks.
  package let statistic: Double
  /// 1 where no pair differs.
  package let pValue: Double
  package let isExact: Bool

  /// `differences`: one number for each pair, none NaN.
  package init(differences: [Double]) {
    let found = differences.filter { $0 != 0 }
    let (ranks, ties) = Self.ranks(found.map(abs))
    let positive = zip(found, ranks).reduce(0.0) { $1.0 > 0 ? $0 + $1.1 : $0 }
    let n = Double(found.count)
    let total = n * (n + 1) / 2
    count = found.count
    statistic = min(positive, total - positive)
    let hasTies = !ties.isEmpty || found.count < differences.count
    isExact = differences.count <= (hasTies ? 13 : 50)
    if found.isEmpty {
      pValue = 1
    } else if isExact {
      pValue = Self.exactValue(statistic, ranks)
    } else {
      let correction = ties.reduce(0.0) { $0 + Double($1 * $1 * $1 - $1) }
      let variance = (n * (n + 1) * (2 * n + 1) - correction / 2) / 24
      let z = (positive - total / 2) / variance.squareRoot()
      pValue = min(1, 2 * NormalDistribution.upperTail(abs(z)))
    }
  }

  /// Ranks from 1, equal numbers sharing their mean, and how many are equal wherever some are.
  private static func ranks(_ values: [Double]) -> (ranks: [Double], ties: [Int]) {
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    var ranks = [Double](repeating: 0, count: values.count)
    var ties: [Int] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
      if end - start > 1 { ties.append(end - start) }
      start = end
    }
    return (ranks, ties)
  }

  /// Of all signs that the ranks can bear, the share whose sum is as far out, both sides.
  private static func exactValue(_ statistic: Double, _ ranks: [Double]) -> Double {
    // Twice a rank is whole; shares instead of counts, which would not fit.
    let doubled = ranks.map { Int(2 * $0) }
    var shares = [Double](repeating: 0, count: doubled.reduce(0, +) + 1)
    shares[0] = 1
    var reached = 0
    for rank in doubled {
      for sum in stride(from: reached, through: 0, by: -1) {
        shares[sum] *= 0.5
        shares[sum + rank] += shares[sum]
      }
      reached += rank
    }
    return min(1, 2 * shares[...Int(2 * statistic)].reduce(0, +))
  }
}

import Foundation

/// Names updates that stand out from their round's, for people to look into: nothing is turned down by it.
///
/// It compares with medians over the sites, which hostile ones cannot move far while they are fewer than half; a mean, also that of
/// the others, is moved by a single large update. Thresholds are such that honest sites, which differ in scanners, patients and
/// steps, pass in most rounds (six simulated ones each in 11 of 12 at least; noise as large as an update was named in half):
/// - a norm above 2 times the median of the norms that also lies 6 deviations above it,
/// - a cosine to the element-wise median of all updates, where that of the middle site is 0.2 or more, which is below a quarter of
///   the middle site's and 3 deviations below it, or negative,
/// - an update that differs from another by less than 1e-4 of its norm: sites that train on their own never come that close,
///   colluding ones send copies (arXiv 1902.06156, 1903.03936).
///
/// A deviation is 1.4826 times the median absolute deviation, which is the standard deviation of normal numbers; 0.02 at least of
/// cosines. The median of all holds an update itself, so that three sites suffice: two honest ones outvote the third. With fewer, only
/// copies are named.
struct UpdateScreen: Sendable {
  static let normRatio = 2.0
  static let normDeviations = 6.0
  static let agreement = 0.2
  static let cosineRatio = 0.25
  static let cosineDeviations = 3.0
  static let copyDistance = 1e-4

  private let geometry: UpdateGeometry

  init(_ geometry: UpdateGeometry) {
    self.geometry = geometry
  }

  /// A verdict for each update: `shares` as they stand in the step, `remarks` what the strategy says by itself of some.
  func verdicts(
    of updates: SiteUpdates, shares: [Double]? = nil, remarks: [Int: String] = [:]
  ) -> [Verdict] {
    let names = updates.facts.map(\.site)
    let reasons = zip(normReasons(), zip(cosineReasons(), copyReasons(names)))
    return reasons.enumerated().map { site, reasons in
      let found = [reasons.0, reasons.1.0, reasons.1.1, remarks[site]].compactMap { $0 }
      return Verdict(
        site: names[site], share: shares?[site],
        suspicion: found.isEmpty ? nil : found.joined(separator: "; "))
    }
  }

  private func normReasons() -> [String?] {
    let norms = geometry.squares.map { $0.squareRoot() }
    let (middle, deviation) = Self.middle(norms)
    return norms.map { norm in
      let isLarge = norm > Self.normRatio * middle && norm - middle > Self.normDeviations * deviation
      guard isLarge else { return nil }
      let against = "the median of \(Self.written(middle, digits: 3))"
      return middle > 0
        ? "norm \(Self.written(norm, digits: 3)) is \(Self.written(norm / middle, digits: 2)) times \(against)"
        : "norm \(Self.written(norm, digits: 3)) against \(against)"
    }
  }

  private func cosineReasons() -> [String?] {
    let cosines = geometry.medianCosines
    let (middle, spread) = Self.middle(cosines)
    let limit = min(Self.cosineRatio * middle, middle - Self.cosineDeviations * max(0.02, spread))
    return cosines.enumerated().map { site, cosine in
      guard cosines.count >= 3, middle >= Self.agreement, geometry.squares[site] > 0 else { return nil }
      guard cosine < max(0, limit) else { return nil }
      return "cosine \(Self.written(cosine, digits: 2)) to the median of all updates, "
        + "\(Self.written(middle, digits: 2)) of the middle site"
    }
  }

  private func copyReasons(_ names: [String]) -> [String?] {
    names.indices.map { site in
      let square = geometry.squares[site]
      let copies = names.indices.filter { other in
        let larger = max(square, geometry.squares[other])
        return other != site && larger > 0
          && geometry.distances[site][other] <= Self.copyDistance * Self.copyDistance * larger
      }
      return copies.isEmpty
        ? nil : "all but equal to the update of \(copies.map { names[$0] }.joined(separator: ", "))"
    }
  }

  /// The median and the deviation.
  private static func middle(_ values: [Double]) -> (median: Double, deviation: Double) {
    let median = values.median
    return (median, 1.4826 * values.map { abs($0 - median) }.median)
  }

  static func written(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)g", value) }
}

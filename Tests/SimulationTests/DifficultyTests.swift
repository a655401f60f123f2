import Foundation
import Imaging
import Simulation
import Testing

/// The sample data are not easy: looking at voxels one by one does not find the tumour.
@Suite struct DifficultyTests {
  /// One case's brain voxels: z-scored contrasts with a 1 at the end, and whether each is tumour.
  struct Voxels {
    var features: [[Double]]
    var isTumour: [Bool]
  }

  static let cases: [(site: String, voxels: Voxels)] = {
    guard let dataset = try? SampleData.dataset() else { return [] }
    return dataset.sites.flatMap { site in
      site.cases.compactMap { files in (try? load(files)).map { (site.name, $0) } }
    }
  }()

  private static func load(_ files: CaseFiles) throws -> Voxels {
    let scans = try files.images.map { try NIfTI.readVolume($0.path).voxels }
    let labels = try NIfTI.readLabels(files.label ?? "").labels
    let brain = labels.indices.filter { scans[0][$0] > 0 }
    var features = [[Double]](repeating: [0, 0, 0, 0, 1], count: brain.count)
    for (contrast, scan) in scans.enumerated() {
      let values = brain.map { Double(scan[$0]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      for (row, value) in values.enumerated() {
        features[row][contrast] = (value - mean) / variance.squareRoot()
      }
    }
    return Voxels(features: features, isTumour: brain.map { labels[$0] != 0 })
  }

  /// The Dice of "score at or above a threshold", at the best of all thresholds.
  private func bestDice(_ scores: [Double], _ truth: [Bool]) -> Double {
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    let positives = truth.reduce(0) { $0 + ($1 ? 1 : 0) }
    var hits = 0
    var best = 0.0
    for (rank, index) in order.enumerated() {
      if truth[index] { hits += 1 }
      best = max(best, 2 * Double(hits) / Double(rank + 1 + positives))
    }
    return best
  }

  @Test func theBestThresholdOnEachScanIsPoor() {
    #expect(Self.cases.count >= 36)
    var all: [Double] = []
    var bySite: [String: [Double]] = [:]
    for (site, voxels) in Self.cases {
      let dice = bestDice(voxels.features.map { $0[3] }, voxels.isTumour)
      all.append(dice)
      bySite[site, default: []].append(dice)
    }
    let mean = all.reduce(0, +) / Double(all.count)
    print("best FLAIR threshold of each scan: whole-tumour Dice \(mean)")
    for site in bySite.keys.sorted() {
      let values = bySite[site]!
      print("  \(site): \(values.reduce(0, +) / Double(values.count))")
    }
    #expect(mean <= 0.60)
    #expect(mean >= 0.30, "and the tumour is not invisible")
  }

  @Test func logisticRegressionOnAllContrastsIsPoor() {
    let weights = fit(Self.cases.map(\.voxels))
    // One threshold for all scans, the best: more than a user could have.
    var best = (dice: 0.0, threshold: 0.0)
    for step in 1...40 {
      let threshold = Double(step) / 40
      let dices = Self.cases.map { dice($0.voxels, weights, threshold) }
      let mean = dices.reduce(0, +) / Double(dices.count)
      if mean > best.dice { best = (mean, threshold) }
    }
    print("voxelwise logistic regression: whole-tumour Dice \(best.dice) at \(best.threshold)")
    #expect(best.dice <= 0.70)
    #expect(best.dice >= 0.30)
  }

  private func probability(_ x: [Double], _ w: [Double]) -> Double {
    var score = 0.0
    for index in 0..<5 { score += x[index] * w[index] }
    return 1 / (1 + exp(-score))
  }

  private func dice(_ voxels: Voxels, _ weights: [Double], _ threshold: Double) -> Double {
    var both = 0
    var sum = 0
    for (x, truth) in zip(voxels.features, voxels.isTumour) {
      let found = probability(x, weights) >= threshold
      if found && truth { both += 1 }
      sum += (found ? 1 : 0) + (truth ? 1 : 0)
    }
    return 2 * Double(both) / Double(max(1, sum))
  }

  /// Maximum likelihood by Newton's method over every brain voxel.
  private func fit(_ cases: [Voxels]) -> [Double] {
    var weights = [Double](repeating: 0, count: 5)
    for _ in 0..<10 {
      var gradient = [Double](repeating: 0, count: 5)
      var hessian = [[Double]](repeating: [Double](repeating: 0, count: 5), count: 5)
      for voxels in cases {
        for (x, truth) in zip(voxels.features, voxels.isTumour) {
          let p = probability(x, weights)
          for i in 0..<5 {
            gradient[i] += x[i] * (p - (truth ? 1 : 0))
            for j in 0...i { hessian[i][j] += x[i] * x[j] * p * (1 - p) }
          }
        }
      }
      for i in 0..<5 {
        for j in i..<5 { hessian[i][j] = hessian[j][i] }
      }
      let step = solve(hessian, gradient)
      for i in 0..<5 { weights[i] -= step[i] }
    }
    return weights
  }

  /// Gaussian elimination of a positive definite system.
  private func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
    var a = matrix
    var b = right
    for column in 0..<5 {
      for row in (column + 1)..<5 {
        let factor = a[row][column] / a[column][column]
        for k in column..<5 { a[row][k] -= factor * a[column][k] }
        b[row] -= factor * b[column]
      }
    }
    for row in stride(from: 4, through: 0, by: -1) {
      for k in (row + 1)..<5 { b[row] -= a[row][k] * b[k] }
      b[row] /= a[row][row]
    }
    return b
  }
}
